package dev.troupe.actors.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.console.Console.Mode;
import dev.troupe.actors.console.Style.Glyphs;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TerminalTest {
  private static Terminal terminal(Map<String, String> environment) {
    return Terminal.from(environment, true, () -> OptionalInt.of(133));
  }

  @Test
  void isLiveAndColouredInAnOrdinaryTerminal() {
    assertEquals(
        new Terminal(true, 133, new Style(true, Glyphs.UNICODE)),
        terminal(Map.of("TERM", "xterm-256color", "LANG", "en_GB.UTF-8")));
  }

  @Test
  void isPlainWithoutATerminalOrInADumbOne() {
    Terminal piped =
        Terminal.from(
            Map.of("COLUMNS", "70"),
            false,
            () -> {
              throw new AssertionError("a pipe has no width to measure");
            });
    assertEquals(new Terminal(false, 100, new Style(false, Glyphs.UNICODE)), piped);
    assertFalse(terminal(Map.of("TERM", "dumb")).isInteractive());
  }

  @Test
  void honoursNoColor() {
    assertFalse(terminal(Map.of("NO_COLOR", "1")).style().hasColour());
    assertTrue(terminal(Map.of("NO_COLOR", "")).style().hasColour());
  }

  @Test
  void prefersColumnsFromTheEnvironmentIfTheyMakeSense() {
    assertEquals(72, terminal(Map.of("COLUMNS", "72")).columns());
    assertEquals(133, terminal(Map.of("COLUMNS", "wide")).columns());
    assertEquals(133, terminal(Map.of("COLUMNS", "0")).columns());
    assertEquals(20, terminal(Map.of("COLUMNS", "3")).columns());
    assertEquals(100, Terminal.from(Map.of(), true, OptionalInt::empty).columns());
  }

  @Test
  void speaksAsciiOnlyWhenTheLocaleSaysSo() {
    assertEquals(Glyphs.UNICODE, terminal(Map.of()).style().glyphs());
    assertEquals(Glyphs.UNICODE, terminal(Map.of("LANG", "de_AT.utf8")).style().glyphs());
    assertEquals(Glyphs.ASCII, terminal(Map.of("LANG", "C")).style().glyphs());
    assertEquals(
        Glyphs.ASCII, terminal(Map.of("LC_ALL", "POSIX", "LANG", "C.UTF-8")).style().glyphs());
  }

  @Test
  void readsTheSecondNumberOfStty() {
    assertEquals(OptionalInt.of(120), Terminal.columnsOf("30 120\n"));
    assertEquals(OptionalInt.empty(), Terminal.columnsOf("0 0\n"));
    assertEquals(OptionalInt.empty(), Terminal.columnsOf("stty: not a terminal"));
  }

  @Test
  void theModeAndThePlaceChooseTheView() {
    var out = new CapturedOutput().stream();
    Terminal pipe = Terminal.from(Map.of(), false, OptionalInt::empty);
    assertInstanceOf(JsonView.class, Console.open(Mode.JSON, out, terminal(Map.of())));
    assertInstanceOf(QuietView.class, Console.open(Mode.QUIET, out, terminal(Map.of())));
    assertInstanceOf(PlainView.class, Console.open(Mode.AUTO, out, pipe));
    try (RunView live = Console.open(Mode.AUTO, out, terminal(Map.of()))) {
      assertInstanceOf(TerminalView.class, live);
    }
  }
}

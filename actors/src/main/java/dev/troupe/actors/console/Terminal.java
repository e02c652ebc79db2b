package dev.troupe.actors.console;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.troupe.actors.console.Style.Glyphs;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What is known about the place that standard output goes to.
 *
 * @param isInteractive whether lines can be drawn over
 * @param columns its width
 * @param style what it can show
 */
record Terminal(boolean isInteractive, int columns, Style style) {
  private static final int USUAL_COLUMNS = 100;
  private static final int FEWEST_COLUMNS = 20;
  private static final long STTY_TIMEOUT_MS = 500;
  private static final Pattern STTY_SIZE = Pattern.compile("\\d+ (\\d+)\\s*");

  /** Asks the environment and the terminal once. */
  static Terminal detect() {
    return from(System.getenv(), isTerminal(), Terminal::sttyColumns);
  }

  /**
   * Decides from facts.
   *
   * @param environment the variables {@code TERM}, {@code NO_COLOR} (no-color.org), {@code COLUMNS}
   *     and the locale count
   * @param isTerminal whether input and output are a terminal
   * @param measuredColumns asked only for a terminal without a valid {@code COLUMNS}
   */
  static Terminal from(
      Map<String, String> environment, boolean isTerminal, Supplier<OptionalInt> measuredColumns) {
    boolean isInteractive = isTerminal && !"dumb".equals(environment.get("TERM"));
    boolean hasColour = isInteractive && environment.getOrDefault("NO_COLOR", "").isEmpty();
    int columns = USUAL_COLUMNS;
    if (isInteractive) {
      columns =
          number(environment.getOrDefault("COLUMNS", ""))
              .orElseGet(() -> measuredColumns.get().orElse(USUAL_COLUMNS));
    }
    Glyphs glyphs = speaksUnicode(environment) ? Glyphs.UNICODE : Glyphs.ASCII;
    return new Terminal(
        isInteractive, Math.max(FEWEST_COLUMNS, columns), new Style(hasColour, glyphs));
  }

  /** Only a locale that says otherwise rules Unicode out; containers often set none. */
  private static boolean speaksUnicode(Map<String, String> environment) {
    String locale =
        Stream.of("LC_ALL", "LC_CTYPE", "LANG")
            .map(name -> environment.getOrDefault(name, ""))
            .filter(value -> !value.isEmpty())
            .findFirst()
            .orElse("UTF-8");
    return locale.replace("-", "").toUpperCase(Locale.ROOT).contains("UTF8");
  }

  private static OptionalInt number(String digits) {
    return digits.matches("[1-9]\\d{0,4}")
        ? OptionalInt.of(Integer.parseInt(digits))
        : OptionalInt.empty();
  }

  private static boolean isTerminal() {
    java.io.Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // Since JDK 22 there may be a console without a terminal, and a method that tells.
      return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  private static OptionalInt sttyColumns() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(Redirect.INHERIT)
              .redirectError(Redirect.DISCARD)
              .start();
      if (!stty.waitFor(STTY_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
        stty.destroy();
        return OptionalInt.empty();
      }
      return columnsOf(new String(stty.getInputStream().readAllBytes(), US_ASCII));
    } catch (IOException e) {
      return OptionalInt.empty(); // A system without stty: the usual width will do.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalInt.empty();
    }
  }

  /** The second number of what {@code stty size} prints: rows and columns. */
  static OptionalInt columnsOf(String sttySize) {
    Matcher size = STTY_SIZE.matcher(sttySize);
    return size.matches() ? number(size.group(1)) : OptionalInt.empty();
  }
}

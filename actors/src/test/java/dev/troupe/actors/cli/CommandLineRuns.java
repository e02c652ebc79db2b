package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/** The command line within a test, with what it said. */
final class CommandLineRuns {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** Runs a command and returns its exit code. */
  int execute(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }

  /** Runs a command that must succeed and returns what it printed. */
  String succeed(Object... arguments) {
    assertEquals(0, execute(words(arguments)), () -> err.toString());
    return out.toString();
  }

  /** Runs a command that must be refused as bad usage and returns the sentence. */
  String refuse(Object... arguments) {
    assertEquals(2, execute(words(arguments)), () -> out + " " + err);
    assertFalse(err.toString().contains("\tat "), err.toString());
    assertFalse(err.toString().contains("Exception"), err.toString());
    return err.toString();
  }

  /** What the last command said beside its answer. */
  String remarks() {
    return err.toString();
  }

  private static String[] words(Object... arguments) {
    return List.of(arguments).stream().map(Object::toString).toArray(String[]::new);
  }
}

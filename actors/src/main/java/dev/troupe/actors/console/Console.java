package dev.troupe.actors.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/** The door to the views of a run on standard output. */
public final class Console {
  private Console() {}

  /** What the person who started the run asked for. */
  public enum Mode {
    /** A live view in a terminal, plain lines elsewhere. */
    AUTO,
    /** Only the result or the failure ({@code --quiet}). */
    QUIET,
    /** One JSON object a line and event ({@code --json}). */
    JSON
  }

  /** Opens the view that suits the mode and the place that standard output goes to. */
  public static RunView open(Mode mode) {
    // Always UTF-8: JDK 17 would follow the locale, which containers leave at ASCII.
    var out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, UTF_8);
    return open(mode, out, Terminal.detect());
  }

  static RunView open(Mode mode, PrintStream out, Terminal terminal) {
    return switch (mode) {
      case JSON -> new JsonView(out);
      case QUIET -> new QuietView(out, terminal.style());
      case AUTO ->
          terminal.isInteractive()
              ? TerminalView.ticking(out, terminal.columns(), terminal.style())
              : new PlainView(out, terminal.style(), System::nanoTime);
    };
  }
}

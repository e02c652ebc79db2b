package dev.troupe.actors.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;

/** A stream whose text can be taken, as a terminal would receive it. */
final class CapturedOutput {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(bytes, false, UTF_8);

  PrintStream stream() {
    return stream;
  }

  /** What has reached the other end since the last call. */
  String take() {
    String text = bytes.toString(UTF_8);
    bytes.reset();
    return text;
  }
}

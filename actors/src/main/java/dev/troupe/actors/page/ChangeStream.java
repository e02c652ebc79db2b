package dev.troupe.actors.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.actors.page.RunWatch.Revision;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Server-sent events that say how far each part of a run has come. They carry counters, no content:
 * a reader that was away misses nothing, and a slow one is not flooded.
 */
final class ChangeStream {
  /** A sign of life in silence, so that both ends notice when the other is gone. */
  private static final Duration BEAT = Duration.ofSeconds(5);

  private final RunWatch run;
  private final OutputStream out;

  ChangeStream(RunWatch run, OutputStream out) {
    this.run = run;
    this.out = out;
  }

  /** Writes until the reader is gone or the page is closed. */
  void pump(BooleanSupplier isClosed) throws IOException, InterruptedException {
    Revision told = run.await(null, Duration.ZERO);
    write("retry: 1000\n\n" + event(told));
    while (!isClosed.getAsBoolean()) {
      Revision now = run.await(told, BEAT);
      write(now.equals(told) ? ": still here\n\n" : event(now));
      told = now;
    }
  }

  private static String event(Revision revision) {
    return """
    data: {"generation":%d,"steps":%d,"run":%d,"evaluations":%d,"alarms":%d,"company":%d}

    """
        .formatted(
            revision.generation(),
            revision.steps(),
            revision.run(),
            revision.evaluations(),
            revision.alarms(),
            revision.company());
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(UTF_8));
    out.flush();
  }
}

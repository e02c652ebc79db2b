package dev.troupe.actors.console;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunEvent.RunFailed;
import dev.troupe.actors.event.RunEvent.RunFinished;
import dev.troupe.actors.event.RunEvent.RunPaused;
import java.io.PrintStream;
import java.util.List;

/** Only the result, or why there is none. */
final class QuietView implements RunView {
  private final PrintStream out;
  private final Style style;
  private final Sentences sentences;

  QuietView(PrintStream out, Style style) {
    this.out = out;
    this.style = style;
    sentences = new Sentences(style);
  }

  @Override
  public synchronized void on(RunEvent event) {
    if (event instanceof RunFinished finished) {
      print(sentences.summary(finished.summary()));
    } else if (event instanceof RunFailed failed) {
      print(sentences.failed(failed));
    } else if (event instanceof RunPaused paused) {
      print(sentences.paused(paused));
    }
  }

  private void print(List<StyledLine> lines) {
    lines.forEach(line -> out.print(line.encode(style) + "\n"));
    out.flush();
  }

  @Override
  public synchronized void close() {
    out.flush();
  }
}

package dev.troupe.actors.console;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunEvent.EvaluationFinished;
import dev.troupe.actors.event.RunEvent.RunFailed;
import dev.troupe.actors.event.RunEvent.RunFinished;
import dev.troupe.actors.event.RunEvent.RunPaused;
import dev.troupe.actors.event.RunEvent.RunStarted;
import dev.troupe.actors.event.RunEvent.StageFinished;
import dev.troupe.actors.event.RunEvent.WarningRaised;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The live view: lines that stay scroll by as in any program, and below them a small block about
 * the stage in progress is drawn again in place.
 *
 * <p>Only the block is ever drawn over, so a run with more stages than the terminal has rows works
 * too. Each frame is one write, which keeps it from flickering. Anything else that writes to the
 * same terminal damages the block until the next frame.
 */
final class TerminalView implements RunView {
  private static final long SHORTEST_FRAME_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long TICK_MS = 200;
  private static final String ERASE_REST_OF_LINE = "\u001b[K";
  private static final String ERASE_BELOW = "\u001b[J";

  private final PrintStream out;
  private final int columns;
  private final Style style;
  private final Sentences sentences;
  private final LongSupplier nanoTime;
  private final RunProgress progress;
  private Runnable stopTicking = () -> {};
  private int drawnLines;
  private long drawnAt;

  TerminalView(PrintStream out, int columns, Style style, LongSupplier nanoTime) {
    this.out = out;
    this.columns = columns;
    this.style = style;
    this.nanoTime = nanoTime;
    sentences = new Sentences(style);
    progress = new RunProgress(nanoTime);
    drawnAt = nanoTime.getAsLong() - SHORTEST_FRAME_NANOS;
  }

  /** A view whose clocks go on between events. */
  static TerminalView ticking(PrintStream out, int columns, Style style) {
    var view = new TerminalView(out, columns, style, System::nanoTime);
    ScheduledExecutorService ticker =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              var thread = new Thread(task, "troupe-console");
              thread.setDaemon(true);
              return thread;
            });
    ScheduledFuture<?> ticks =
        ticker.scheduleAtFixedRate(view::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
    view.stopTicking =
        () -> {
          ticks.cancel(false);
          ticker.shutdown();
        };
    return view;
  }

  @Override
  public synchronized void on(RunEvent event) {
    progress.follow(event);
    List<StyledLine> lasting = lasting(event);
    if (!lasting.isEmpty() || isDue()) {
      draw(lasting);
    }
  }

  /** Draws the block again if the last frame is old enough. */
  synchronized void tick() {
    if (isDue() && drawnLines > 0) {
      draw(List.of());
    }
  }

  private boolean isDue() {
    return nanoTime.getAsLong() - drawnAt >= SHORTEST_FRAME_NANOS;
  }

  private List<StyledLine> lasting(RunEvent event) {
    List<StyledLine> lines = new ArrayList<>();
    if (event instanceof RunStarted started) {
      lines.add(sentences.started(started));
    } else if (event instanceof StageFinished finished) {
      lines.add(sentences.finished(finished.stage()));
    } else if (event instanceof EvaluationFinished finished) {
      lines.add(sentences.evaluated(finished.evaluation()));
    } else if (event instanceof WarningRaised raised) {
      lines.add(sentences.warned(raised.sentence()));
    } else if (event instanceof RunFinished finished) {
      lines.add(new StyledLine());
      lines.addAll(sentences.summary(finished.summary()));
    } else if (event instanceof RunFailed failed) {
      lines.add(new StyledLine());
      lines.addAll(sentences.failed(failed));
    } else if (event instanceof RunPaused paused) {
      lines.add(new StyledLine());
      lines.addAll(sentences.paused(paused));
    }
    return lines;
  }

  private void draw(List<StyledLine> lasting) {
    String block = LiveBlock.render(progress.state(), columns, style);
    var frame = new StringBuilder();
    if (drawnLines > 0) {
      frame.append("\u001b[").append(drawnLines).append("A\r");
    }
    for (StyledLine line : lasting) {
      frame.append(line.encode(style)).append(ERASE_REST_OF_LINE).append('\n');
    }
    frame.append(block.replace("\n", ERASE_REST_OF_LINE + "\n")).append(ERASE_BELOW);
    out.print(frame);
    out.flush();
    drawnLines = (int) block.chars().filter(c -> c == '\n').count();
    drawnAt = nanoTime.getAsLong();
  }

  @Override
  public void close() {
    stopTicking.run();
    synchronized (this) {
      out.flush();
    }
  }
}

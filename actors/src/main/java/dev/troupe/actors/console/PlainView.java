package dev.troupe.actors.console;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunEvent.ActivityChanged;
import dev.troupe.actors.event.RunEvent.EvaluationFinished;
import dev.troupe.actors.event.RunEvent.RunFailed;
import dev.troupe.actors.event.RunEvent.RunFinished;
import dev.troupe.actors.event.RunEvent.RunPaused;
import dev.troupe.actors.event.RunEvent.RunStarted;
import dev.troupe.actors.event.RunEvent.StageFinished;
import dev.troupe.actors.event.RunEvent.StageStarted;
import dev.troupe.actors.event.RunEvent.StepFinished;
import dev.troupe.actors.event.RunEvent.WarningRaised;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lines for a log: nothing is drawn over, and steps are shown at most every two seconds, except for
 * the first and the last of a stage.
 */
final class PlainView implements RunView {
  private static final long BETWEEN_STEPS_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final PrintStream out;
  private final Style style;
  private final Sentences sentences;
  private final LongSupplier nanoTime;
  private final RunProgress progress;
  private boolean isFirstStep;
  private long steppedAt;

  PlainView(PrintStream out, Style style, LongSupplier nanoTime) {
    this.out = out;
    this.style = style;
    this.nanoTime = nanoTime;
    sentences = new Sentences(style);
    progress = new RunProgress(nanoTime);
  }

  @Override
  public synchronized void on(RunEvent event) {
    progress.follow(event);
    if (event instanceof RunStarted started) {
      print(sentences.started(started));
    } else if (event instanceof StageStarted started) {
      isFirstStep = true;
      String steps = started.totalSteps() == 1 ? " step" : " steps";
      print(new StyledLine().add(started.stage() + ": " + started.totalSteps() + steps));
    } else if (event instanceof StepFinished) {
      step();
    } else if (event instanceof ActivityChanged changed && progress.state().isIdle()) {
      print(new StyledLine().add("  " + changed.activity() + style.glyphs().ellipsis()));
    } else if (event instanceof StageFinished finished) {
      print(sentences.finished(finished.stage()));
    } else if (event instanceof EvaluationFinished finished) {
      print(sentences.evaluated(finished.evaluation()));
    } else if (event instanceof WarningRaised raised) {
      print(sentences.warned(raised.sentence()));
    } else if (event instanceof RunFinished finished) {
      sentences.summary(finished.summary()).forEach(this::print);
    } else if (event instanceof RunFailed failed) {
      sentences.failed(failed).forEach(this::print);
    } else if (event instanceof RunPaused paused) {
      sentences.paused(paused).forEach(this::print);
    }
    out.flush();
  }

  private void step() {
    ViewState state = progress.state();
    long now = nanoTime.getAsLong();
    boolean isLast = state.step() == state.totalSteps();
    if (isFirstStep || isLast || now - steppedAt >= BETWEEN_STEPS_NANOS) {
      isFirstStep = false;
      steppedAt = now;
      print(
          sentences.stepped(
              state.latest().orElseThrow(), state.keyMetric(), state.remainingSeconds()));
    }
  }

  private void print(StyledLine line) {
    out.print(line.encode(style) + "\n");
  }

  @Override
  public synchronized void close() {
    out.flush();
  }
}

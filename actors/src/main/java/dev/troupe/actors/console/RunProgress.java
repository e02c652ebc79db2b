package dev.troupe.actors.console;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunEvent.ActivityChanged;
import dev.troupe.actors.event.RunEvent.RunFailed;
import dev.troupe.actors.event.RunEvent.RunFinished;
import dev.troupe.actors.event.RunEvent.RunPaused;
import dev.troupe.actors.event.RunEvent.StageFinished;
import dev.troupe.actors.event.RunEvent.StageStarted;
import dev.troupe.actors.event.RunEvent.StepFinished;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.StepMetrics;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Follows the events of a run and keeps what the live block needs. */
final class RunProgress {
  private static final double NANOS_PER_SECOND = 1e9;

  private final LongSupplier nanoTime;
  private String stage = "";
  private Metric keyMetric = Metric.LOSS;
  private long totalSteps;
  private double[] history = new double[16];
  private int steps;
  private Optional<StepMetrics> latest = Optional.empty();
  private String activity = "";
  private long since;

  RunProgress(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    since = nanoTime.getAsLong();
  }

  void follow(RunEvent event) {
    if (event instanceof StageStarted started) {
      begin(started.stage(), started.keyMetric(), started.totalSteps());
      started.earlier().forEach(this::add);
    } else if (event instanceof StepFinished finished) {
      add(finished.metrics());
    } else if (event instanceof ActivityChanged changed) {
      activity = changed.activity();
      if (stage.isEmpty()) {
        since = nanoTime.getAsLong();
      }
    } else if (event instanceof StageFinished
        || event instanceof RunFinished
        || event instanceof RunPaused
        || event instanceof RunFailed) {
      begin("", Metric.LOSS, 0);
    }
  }

  private void begin(String name, Metric metric, long total) {
    stage = name;
    keyMetric = metric;
    totalSteps = total;
    steps = 0;
    latest = Optional.empty();
    activity = "";
    since = nanoTime.getAsLong();
  }

  private void add(StepMetrics step) {
    if (steps == history.length) {
      history = Arrays.copyOf(history, 2 * steps);
    }
    history[steps++] = step.value(keyMetric).orElse(Double.NaN);
    latest = Optional.of(step);
    since = nanoTime.getAsLong();
  }

  /** What is to be shown now. */
  ViewState state() {
    return new ViewState(
        stage,
        keyMetric,
        totalSteps,
        Arrays.copyOf(history, steps),
        latest,
        activity,
        (nanoTime.getAsLong() - since) / NANOS_PER_SECOND);
  }
}

package dev.troupe.actors.console;

import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.StepMetrics;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the live block shows: the stage in progress.
 *
 * @param stage name of the stage, empty between stages
 * @param keyMetric its key metric
 * @param totalSteps how many steps it will have
 * @param history key metric of each step so far; NaN where it was not recorded
 * @param latest the last step done, if any
 * @param activity what the run is doing, empty when unknown
 * @param sinceLatestSeconds time since the last step was done or the stage began
 */
record ViewState(
    String stage,
    Metric keyMetric,
    long totalSteps,
    double[] history,
    Optional<StepMetrics> latest,
    String activity,
    double sinceLatestSeconds) {

  boolean isIdle() {
    return stage.isEmpty();
  }

  long step() {
    return latest.map(StepMetrics::step).orElse(0L);
  }

  /** Time in the stage up to now. */
  double elapsedSeconds() {
    return latest.map(StepMetrics::elapsedSeconds).orElse(0.0) + sinceLatestSeconds;
  }

  /** What the stage still needs at its mean pace so far; empty before the first step. */
  OptionalDouble remainingSeconds() {
    if (step() == 0) {
      return OptionalDouble.empty();
    }
    double secondsPerStep = latest.orElseThrow().elapsedSeconds() / step();
    return OptionalDouble.of(
        Math.max(0, secondsPerStep * (totalSteps - step()) - sinceLatestSeconds));
  }
}

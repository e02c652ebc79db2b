package dev.troupe.actors.chaos;

import dev.troupe.runtime.record.StepMetrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts the steps of a run over all its stages. */
final class Progress {
  private final Map<String, Integer> before = new LinkedHashMap<>();
  private final int steps;

  /**
   * @param metrics of an undisturbed run
   */
  Progress(List<StepMetrics> metrics) {
    int count = 0;
    for (StepMetrics step : metrics) {
      before.putIfAbsent(step.stage(), count);
      count++;
    }
    steps = count;
  }

  /** Steps of all stages. */
  int steps() {
    return steps;
  }

  /** Steps of the run that are done when a stage has done some of its own. */
  int done(String stage, int stepsOfStage) {
    // A stage without steps of its own, such as a soup, is where the run stands then: unknown here.
    return before.getOrDefault(stage, 0) + stepsOfStage;
  }
}

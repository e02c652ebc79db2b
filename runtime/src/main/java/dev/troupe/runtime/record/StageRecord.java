package dev.troupe.runtime.record;

import java.util.List;
import java.util.OptionalDouble;

/**
 * A stage of a run, from its first step to its last or to now.
 *
 * @param name name of the stage in the recipe, such as {@code warm-up}
 * @param algorithm what trains in it, such as {@code grpo}
 * @param keyMetric the metric that tells whether the stage works
 * @param seconds time spent in the stage, in all attempts
 * @param steps what was measured, oldest first
 */
public record StageRecord(
    String name, String algorithm, Metric keyMetric, double seconds, List<StepMetrics> steps) {
  /** How many equal parts the steps fall into when a beginning and an end are compared. */
  private static final int PARTS = 10;

  /** Copies the list. */
  public StageRecord {
    steps = List.copyOf(steps);
  }

  /** Whether only one step was made, as in a soup: a value then, but no course. */
  public boolean hasOneStep() {
    return steps.size() == 1;
  }

  /**
   * The mean of a metric over the first tenth of the steps that recorded a finite value (at least
   * one of them); empty when none did. Single steps are too noisy to compare.
   */
  public OptionalDouble first(Metric metric) {
    double[] values = finite(metric);
    return mean(values, 0, span(values));
  }

  /** As {@link #first}, over the last tenth. */
  public OptionalDouble last(Metric metric) {
    double[] values = finite(metric);
    return mean(values, values.length - span(values), values.length);
  }

  private double[] finite(Metric metric) {
    return steps.stream()
        .map(step -> step.value(metric))
        .flatMapToDouble(OptionalDouble::stream)
        .filter(Double::isFinite)
        .toArray();
  }

  private static int span(double[] values) {
    return (values.length + PARTS - 1) / PARTS;
  }

  private static OptionalDouble mean(double[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i];
    }
    return from == to ? OptionalDouble.empty() : OptionalDouble.of(sum / (to - from));
  }
}

package dev.troupe.runtime.record;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Everything measured in one step of one stage.
 *
 * @param stage name of the stage, such as {@code grpo}
 * @param step number of the step within the stage; the first is 1, and 0 is the state before it
 * @param totalSteps how many steps the stage will have, at least {@code step}
 * @param elapsedSeconds time spent in the stage up to the end of this step, in all attempts
 * @param values value of each metric by name (see {@link Metric}), in the order given; a value may
 *     be NaN or infinite, for a diverged run must be recorded as it was
 */
public record StepMetrics(
    String stage, long step, long totalSteps, double elapsedSeconds, Map<String, Double> values) {
  static final String STAGE = "stage";
  static final String STEP = "step";
  static final String TOTAL_STEPS = "total-steps";
  static final String ELAPSED_SECONDS = "elapsed-seconds";
  private static final Set<String> RESERVED = Set.of(STAGE, STEP, TOTAL_STEPS, ELAPSED_SECONDS);
  private static final Pattern METRIC_NAME = Pattern.compile("[\\w.-]+(/[\\w.-]+)*");

  /** Refuses an impossible position and metric names that would not survive the file formats. */
  public StepMetrics {
    if (stage.isBlank()) {
      throw new IllegalArgumentException("a step needs the name of its stage, got a blank one");
    }
    if (step < 0 || step > totalSteps) {
      throw new IllegalArgumentException(
          "step must be in 0..totalSteps: stage=%s step=%d totalSteps=%d"
              .formatted(stage, step, totalSteps));
    }
    if (!(elapsedSeconds >= 0) || Double.isInfinite(elapsedSeconds)) {
      throw new IllegalArgumentException(
          "elapsed seconds must be finite and not negative: stage=%s step=%d elapsedSeconds=%s"
              .formatted(stage, step, elapsedSeconds));
    }
    for (String name : values.keySet()) {
      if (RESERVED.contains(name) || !METRIC_NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "\"%s\" cannot name a metric: use letters, digits, '_', '-', '.', parted by '/', and none of %s"
                .formatted(name, RESERVED));
      }
    }
    // Not Map.copyOf: it forgets the order in which the trainer listed the metrics.
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** The value of a metric, or empty when this step did not record it. */
  public OptionalDouble value(String metric) {
    Double value = values.get(metric);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** The value of a metric, or empty when this step did not record it. */
  public OptionalDouble value(Metric metric) {
    return value(metric.name());
  }
}

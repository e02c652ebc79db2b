package dev.troupe.actors.protocol;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a learner step came to.
 *
 * @param inForce the versions in force after it
 * @param metrics what the learner measured, by the names of {@link
 *     dev.troupe.runtime.record.Metric}
 * @param nanos time that the learner worked, waiting not counted
 */
public record StepResult(VersionSet inForce, Map<String, Double> metrics, long nanos) {
  /** Copies the metrics, keeping their order. */
  public StepResult {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }
}

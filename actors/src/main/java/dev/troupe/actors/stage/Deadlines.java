package dev.troupe.actors.stage;

import java.time.Duration;

/**
 * How long the parts of a step may take before the supervisor acts.
 *
 * @param generate decoding one work unit
 * @param reward scoring one group
 * @param reference log-probabilities of one work unit under a frozen model
 * @param train one learner step; also opening and closing a stage
 */
public record Deadlines(Duration generate, Duration reward, Duration reference, Duration train) {
  /** For what a run does beside its stages; the values of {@code reference.conf}. */
  public static final Deadlines USUAL =
      new Deadlines(
          Duration.ofMinutes(10),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofMinutes(60));

  /** From the grant of a work unit to the moment when all its groups are complete. */
  public Duration unit() {
    return generate.plus(reward).plus(reference);
  }
}

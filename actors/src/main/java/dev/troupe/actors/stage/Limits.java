package dev.troupe.actors.stage;

import java.time.Duration;

/**
 * When the supervisor gives up.
 *
 * @param grants how often a work unit is granted before its loss stops the run
 * @param reopenings how often a stage is reopened from its latest checkpoint after the learner
 *     failed, before the failure stops the run; counted anew after each trained step
 * @param failedShare share of failed rollouts in a step above which the run stops, for then the
 *     reward function is broken and not the completions
 * @param backoff shortest pause before a failed actor is started again; doubled up to ten times it
 */
public record Limits(int grants, int reopenings, double failedShare, Duration backoff) {
  /** Twice each, half of the rollouts, a quarter of a second. */
  public static final Limits USUAL = new Limits(2, 1, 0.5, Duration.ofMillis(250));
}

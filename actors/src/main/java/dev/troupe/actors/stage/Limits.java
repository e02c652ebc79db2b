package dev.troupe.actors.stage;

import dev.troupe.runtime.settings.LimitSettings;
import java.time.Duration;

/**
 * When the supervisor gives up.
 *
 * @param grants how often a work unit is granted before its loss stops the run
 * @param departures how often the generator of a unit may be lost before the unit counts as what
 *     loses them; nodes leave for other reasons too, so this is more than the failures that a unit
 *     may have
 * @param reopenings how often a stage is reopened from its latest checkpoint after the learner
 *     failed, before the failure stops the run; counted anew after each trained step
 * @param failedShare share of failed rollouts in a step above which the run stops, for then the
 *     reward function is broken and not the completions
 * @param backoff shortest pause before a failed actor is started again; doubled up to ten times it
 */
public record Limits(
    int grants, int departures, int reopenings, double failedShare, Duration backoff) {
  private static final Duration BACKOFF = Duration.ofMillis(250);

  /** Those of {@code reference.conf}. */
  public static final Limits USUAL = new Limits(2, 5, 1, 0.5, BACKOFF);

  /** Those of a recipe. */
  static Limits of(LimitSettings settings) {
    return new Limits(
        settings.grants(),
        settings.departures(),
        settings.reopenings(),
        settings.failedShare(),
        BACKOFF);
  }
}

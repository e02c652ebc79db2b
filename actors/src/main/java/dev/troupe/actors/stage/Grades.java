package dev.troupe.actors.stage;

import dev.troupe.runtime.reward.Outcome;

/** What graded rewards said of a completion, as a reward model is to say it. */
final class Grades {
  private Grades() {}

  /** The value of each label, in the order of the settings; null when the scoring failed. */
  static double[] labels(Outcome outcome) {
    return outcome instanceof Outcome.Scored scored
        ? scored.components().values().stream().mapToDouble(Double::doubleValue).toArray()
        : null;
  }

  /** The total as the only grade; null when the scoring failed. */
  static double[] total(Outcome outcome) {
    return outcome instanceof Outcome.Scored scored ? new double[] {scored.total()} : null;
  }
}

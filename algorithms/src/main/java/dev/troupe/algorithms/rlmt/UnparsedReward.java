package dev.troupe.algorithms.rlmt;

import dev.troupe.algorithms.Require;

/**
 * The reward of responses without an answer, such as those that ran out of tokens while thinking.
 * The authors let the reward model score {@link AnswerExtraction#NO_ANSWER}, which may come out
 * above a bad answer; the other choices are ours.
 */
public enum UnparsedReward {
  /** What the reward model says: the authors' code. */
  SCORED {
    @Override
    double floor(double lowest) {
      return Double.NaN;
    }
  },

  /** One below the worst answer of the group; {@link #FLOOR} if the group has none. */
  BELOW_GROUP {
    @Override
    double floor(double lowest) {
      return lowest == Double.POSITIVE_INFINITY ? FLOOR : lowest - 1;
    }
  },

  /** {@link #FLOOR}. */
  FIXED {
    @Override
    double floor(double lowest) {
      return FLOOR;
    }
  };

  /** The fixed reward, below what usual reward models give. */
  public static final double FLOOR = -10;

  /** The reward of the unparsed, given the lowest of the parsed; NaN to keep their own. */
  abstract double floor(double lowest);

  /**
   * The rewards of a group.
   *
   * @param scores what the reward model says of each response to one prompt
   * @param isParsed whether each has an answer
   * @return new rewards; those with an answer keep their score
   * @throws IllegalArgumentException if the lengths differ, or a score is not finite
   */
  public double[] of(double[] scores, boolean[] isParsed) {
    Require.sameLength("scores", scores.length, "isParsed", isParsed.length);
    Require.finite("scores", scores);
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < scores.length; i++) {
      lowest = isParsed[i] ? Math.min(lowest, scores[i]) : lowest;
    }
    double floor = floor(lowest);
    double[] rewards = scores.clone();
    for (int i = 0; i < rewards.length; i++) {
      rewards[i] = isParsed[i] || Double.isNaN(floor) ? scores[i] : floor;
    }
    return rewards;
  }
}

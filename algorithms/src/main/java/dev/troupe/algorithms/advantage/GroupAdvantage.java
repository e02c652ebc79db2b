package dev.troupe.algorithms.advantage;

import dev.troupe.algorithms.Require;
import java.util.Arrays;

/**
 * The advantage of each response among the responses to the same prompt, without a critic.
 * Instances are made by {@link #normalised}, {@link #centred} and {@link #leaveOneOut}.
 *
 * <p>Two rules hold for all kinds:
 *
 * <ul>
 *   <li>A group of equal rewards carries no signal: every advantage is exactly 0, not a rounding
 *       error that a small deviation would blow up.
 *   <li>A group of one has nothing to compare with: its baseline is 0 and its deviation 1, so the
 *       advantage is the reward itself, as in verl. Only then can REINFORCE be written as a group
 *       method.
 * </ul>
 *
 * @param kind what is subtracted, and whether the result is divided by the deviation
 * @param deviation which deviation {@link Kind#NORMALISED} divides by; not read otherwise
 * @param epsilon what {@link Kind#NORMALISED} adds to the deviation, so that rewards which differ
 *     only by rounding stay small; in units of the reward
 */
public record GroupAdvantage(Kind kind, Deviation deviation, double epsilon) {
  /** The epsilon of verl; TRL uses 1e-4. */
  public static final double EPSILON = 1e-6;

  /** The estimators. */
  public enum Kind {
    /** {@code (R - mean) / (std + epsilon)}: GRPO (Shao et al. 2024, section 4.1.2). */
    NORMALISED,
    /**
     * {@code R - mean}: Dr. GRPO (Liu et al. 2025), which does not favour very easy or hard
     * prompts.
     */
    CENTRED,
    /** {@code R - mean of the others}: RLOO (Ahmadian et al. 2024, eq. 8), unbiased. */
    LEAVE_ONE_OUT
  }

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if epsilon is negative or not finite
   */
  public GroupAdvantage {
    Require.within("epsilon", epsilon, 0, Double.MAX_VALUE);
  }

  /**
   * GRPO with the sample deviation and {@link #EPSILON}.
   *
   * @return the estimator
   */
  public static GroupAdvantage normalised() {
    return normalised(Deviation.SAMPLE, EPSILON);
  }

  /**
   * GRPO.
   *
   * @param deviation which deviation to divide by
   * @param epsilon what to add to it, 0 or more
   * @return the estimator
   */
  public static GroupAdvantage normalised(Deviation deviation, double epsilon) {
    return new GroupAdvantage(Kind.NORMALISED, deviation, epsilon);
  }

  /**
   * Dr. GRPO.
   *
   * @return the estimator
   */
  public static GroupAdvantage centred() {
    return new GroupAdvantage(Kind.CENTRED, Deviation.SAMPLE, 0);
  }

  /**
   * RLOO.
   *
   * @return the estimator
   */
  public static GroupAdvantage leaveOneOut() {
    return new GroupAdvantage(Kind.LEAVE_ONE_OUT, Deviation.SAMPLE, 0);
  }

  /**
   * The advantages of one group.
   *
   * @param rewards the reward of each response to one prompt, length G
   * @return a new array of length G
   * @throws IllegalArgumentException if the group is empty or a reward is not finite
   */
  public double[] of(double[] rewards) {
    int count = rewards.length;
    if (isConstant(rewards)) {
      return count == 1 ? rewards.clone() : new double[count];
    }
    double mean = Arrays.stream(rewards).sum() / count;
    double squares = 0;
    for (double reward : rewards) {
      squares += (reward - mean) * (reward - mean);
    }
    double scale =
        switch (kind) {
          case NORMALISED -> 1 / (Math.sqrt(deviation.variance(squares, count)) + epsilon);
          case CENTRED -> 1;
          // R - (sum - R) / (G - 1) = G / (G - 1) * (R - mean)
          case LEAVE_ONE_OUT -> (double) count / (count - 1);
        };
    double[] advantages = new double[count];
    for (int i = 0; i < count; i++) {
      advantages[i] = (rewards[i] - mean) * scale;
    }
    return advantages;
  }

  /**
   * Whether all rewards of a group are equal. Dynamic sampling (DAPO, section 3.2) discards such
   * groups.
   *
   * @param rewards the reward of each response to one prompt
   * @return true if they are equal; also for a group of one
   * @throws IllegalArgumentException if the group is empty or a reward is not finite
   */
  public static boolean isConstant(double[] rewards) {
    if (rewards.length == 0) {
      throw new IllegalArgumentException("rewards is empty, expected at least 1 reward");
    }
    Require.finite("rewards", rewards);
    return Arrays.stream(rewards).allMatch(reward -> reward == rewards[0]);
  }
}

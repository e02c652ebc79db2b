package dev.troupe.algorithms.multiobjective;

import dev.troupe.algorithms.Require;
import java.util.Arrays;

/**
 * One reward out of the scores of K objectives. Group-normalise the rewards with {@link
 * dev.troupe.algorithms.advantage.GroupAdvantage} to get the paper's "sum, then normalise"; the
 * other order is {@link NormaliseThenSum}.
 *
 * <p>Whatever the weights, different trade-offs can get the same reward: watch the mean of each
 * objective next to it.
 */
public interface Scalarisation {
  /** How far weights may sum from 1. */
  double WEIGHT_TOLERANCE = 1e-6;

  /**
   * The reward of a response.
   *
   * @param scores its score for each objective, length K
   * @return the reward
   * @throws IllegalArgumentException if the number of scores is wrong or one is not finite
   */
  double of(double[] scores);

  /**
   * The rewards of several responses.
   *
   * @param scores for each response its score for each objective, (G, K)
   * @return rewards, length G
   * @throws IllegalArgumentException as {@link #of(double[])}
   */
  default double[] of(double[][] scores) {
    return Arrays.stream(scores).mapToDouble(this::of).toArray();
  }

  /**
   * Refuses weights that are negative, or do not sum to 1, and copies the others.
   *
   * @param weights weight of each objective
   * @return a copy
   * @throws IllegalArgumentException if there is no weight, one is outside [0, 1], or they do not
   *     sum to 1
   */
  static double[] requireWeights(double[] weights) {
    for (int k = 0; k < weights.length; k++) {
      Require.within("weights[" + k + "]", weights[k], 0, 1);
    }
    double total = Arrays.stream(weights).sum();
    if (!(Math.abs(total - 1) <= WEIGHT_TOLERANCE)) {
      throw new IllegalArgumentException(
          "weights %s sum to %s, expected 1".formatted(Arrays.toString(weights), total));
    }
    return weights.clone();
  }
}

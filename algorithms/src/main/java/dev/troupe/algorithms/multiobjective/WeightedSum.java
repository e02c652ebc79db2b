package dev.troupe.algorithms.multiobjective;

import dev.troupe.algorithms.Require;
import java.util.Arrays;

/**
 * {@code sum of w[k] * s[k]} (multi-objective GRPO, stage 2). After group normalisation the
 * effective weight of an objective is its weight times its spread, so put the scores on one scale
 * first or use {@link NormaliseThenSum}.
 *
 * @param weights weight of each objective, in [0, 1], sum 1
 */
public record WeightedSum(double[] weights) implements Scalarisation {
  /**
   * Checks and copies the weights.
   *
   * @throws IllegalArgumentException if they are not a partition of 1
   */
  public WeightedSum {
    weights = Scalarisation.requireWeights(weights);
  }

  /**
   * Equal weights: the reward is the mean of the scores.
   *
   * @param objectives K, at least 1
   * @return the scalarisation
   */
  public static WeightedSum equal(int objectives) {
    double[] weights = new double[objectives];
    Arrays.fill(weights, 1.0 / objectives);
    return new WeightedSum(weights);
  }

  /** A copy of the weights, length K. */
  @Override
  public double[] weights() {
    return weights.clone();
  }

  @Override
  public double of(double[] scores) {
    Require.sameLength("weights", weights.length, "scores", scores.length);
    Require.finite("scores", scores);
    double sum = 0;
    for (int k = 0; k < weights.length; k++) {
      sum += weights[k] * scores[k];
    }
    return sum;
  }
}

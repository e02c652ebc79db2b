package dev.troupe.algorithms.multiobjective;

import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.advantage.Deviation;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import java.util.Arrays;

/**
 * The other order of normalising and summing (GDPO; TRL's {@code normalize_then_sum}): each
 * objective is normalised within its group, the results are summed with the weights, and the sums
 * are normalised once more over the whole batch. An objective of small spread is no longer drowned
 * by one of large spread; without the second step the scale of the advantages would depend on the
 * number of objectives and how they correlate.
 *
 * @param weights weight of each objective, in [0, 1], sum 1
 * @param deviation which deviation both steps divide by; TRL takes {@link Deviation#SAMPLE}
 * @param epsilon what both add to it, 0 or more
 */
public record NormaliseThenSum(double[] weights, Deviation deviation, double epsilon) {
  /** The epsilon of TRL. */
  public static final double EPSILON = 1e-4;

  /**
   * Checks the parts and copies the weights.
   *
   * @throws IllegalArgumentException if a part is missing or out of its range
   */
  public NormaliseThenSum {
    weights = Scalarisation.requireWeights(weights);
    if (deviation == null) {
      throw new IllegalArgumentException("deviation is missing, expected SAMPLE or POPULATION");
    }
    Require.within("epsilon", epsilon, 0, Double.MAX_VALUE);
  }

  /** A copy of the weights, length K. */
  @Override
  public double[] weights() {
    return weights.clone();
  }

  /**
   * The first step, for one group: {@code sum of w[k] * (s[k] - mean[k]) / (std[k] + epsilon)}.
   *
   * @param scores for each response its score for each objective, (G, K)
   * @return sums, length G; an objective on which all agree adds exactly 0
   * @throws IllegalArgumentException if the group is empty, the number of scores is wrong, or one
   *     is not finite
   */
  public double[] sums(double[][] scores) {
    double[] sums = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      Require.sameLength("weights", weights.length, "scores[" + i + "]", scores[i].length);
    }
    for (int k = 0; k < weights.length; k++) {
      int objective = k;
      double[] normalised =
          estimator().of(Arrays.stream(scores).mapToDouble(row -> row[objective]).toArray());
      for (int i = 0; i < sums.length; i++) {
        sums[i] += weights[k] * normalised[i];
      }
    }
    return sums;
  }

  /**
   * Both steps.
   *
   * @param groups for each group and response its score for each objective, (P, G, K); groups may
   *     differ in size
   * @return the advantage of each response, in rows like the groups
   * @throws IllegalArgumentException if there is no group, or as {@link #sums}
   */
  public double[][] advantages(double[][][] groups) {
    double[][] sums = Arrays.stream(groups).map(this::sums).toArray(double[][]::new);
    double[] batch = estimator().of(Arrays.stream(sums).flatMapToDouble(Arrays::stream).toArray());
    int next = 0;
    for (double[] row : sums) {
      System.arraycopy(batch, next, row, 0, row.length);
      next += row.length;
    }
    return sums;
  }

  private GroupAdvantage estimator() {
    return GroupAdvantage.normalised(deviation, epsilon);
  }
}

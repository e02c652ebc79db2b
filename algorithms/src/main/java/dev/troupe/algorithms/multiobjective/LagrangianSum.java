package dev.troupe.algorithms.multiobjective;

import dev.troupe.algorithms.Require;
import java.util.Arrays;

/**
 * One objective, usually safety, as a constraint whose price adapts: the Lagrangian {@code lambda *
 * (s[constrained] - threshold) + sum over the others of w[k] * s[k]} of "maximise the others while
 * the mean score is at least the threshold", with gradient ascent on its multiplier. Immutable:
 * {@link #after} gives the next one, and the parts are all that has to be saved. Not in the paper.
 *
 * @param weights weight of each objective, in [0, 1], sum 1; that of the constraint is not read
 * @param constrained index of the constraint
 * @param threshold lowest wanted mean score
 * @param rate eta, step of the multiplier, 0 or more
 * @param lambda the multiplier, 0 or more
 */
public record LagrangianSum(
    double[] weights, int constrained, double threshold, double rate, double lambda)
    implements Scalarisation {
  /**
   * Checks the parts and copies the weights.
   *
   * @throws IllegalArgumentException if a part is out of its range
   */
  public LagrangianSum {
    weights = Scalarisation.requireWeights(weights);
    Require.within("constrained", constrained, 0, weights.length - 1);
    Require.finite("threshold", new double[] {threshold});
    Require.within("rate", rate, 0, Double.MAX_VALUE);
    Require.within("lambda", lambda, 0, Double.MAX_VALUE);
  }

  /** A copy of the weights, length K. */
  @Override
  public double[] weights() {
    return weights.clone();
  }

  @Override
  public double of(double[] scores) {
    double others = GatedSum.withoutGate(weights, constrained, scores);
    return lambda * (scores[constrained] - threshold) + others;
  }

  /**
   * The scalarisation for the next batch: {@code lambda <- max(0, lambda + rate * (threshold - mean
   * score))}.
   *
   * @param scores for each response of this batch its score for each objective, (N, K)
   * @return a new scalarisation; the same for an empty batch
   * @throws IllegalArgumentException if the number of scores is wrong or one is not finite
   */
  public LagrangianSum after(double[][] scores) {
    if (scores.length == 0) {
      return this;
    }
    of(scores);
    double mean =
        Arrays.stream(scores).mapToDouble(row -> row[constrained]).average().orElseThrow();
    return new LagrangianSum(
        weights, constrained, threshold, rate, Math.max(0, lambda + rate * (threshold - mean)));
  }
}

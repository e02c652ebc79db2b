package dev.troupe.algorithms.multiobjective;

import dev.troupe.algorithms.Require;

/**
 * One objective, usually safety, as a gate: {@code lambda * min(0, s[gate] - threshold) + sum over
 * the others of w[k] * s[k]}. Above the threshold it earns nothing. Not in the paper.
 *
 * @param weights weight of each objective, in [0, 1], sum 1; that of the gate is not read
 * @param gate index of the gate
 * @param threshold score from which the gate is open
 * @param lambda price of each unit below it, 0 or more
 */
public record GatedSum(double[] weights, int gate, double threshold, double lambda)
    implements Scalarisation {
  /**
   * Checks the parts and copies the weights.
   *
   * @throws IllegalArgumentException if a part is out of its range
   */
  public GatedSum {
    weights = Scalarisation.requireWeights(weights);
    Require.within("gate", gate, 0, weights.length - 1);
    Require.finite("threshold", new double[] {threshold});
    Require.within("lambda", lambda, 0, Double.MAX_VALUE);
  }

  /** A copy of the weights, length K. */
  @Override
  public double[] weights() {
    return weights.clone();
  }

  @Override
  public double of(double[] scores) {
    double others = withoutGate(weights, gate, scores);
    return lambda * Math.min(0, scores[gate] - threshold) + others;
  }

  /** The weighted sum of all objectives but one. */
  static double withoutGate(double[] weights, int gate, double[] scores) {
    Require.sameLength("weights", weights.length, "scores", scores.length);
    Require.finite("scores", scores);
    double sum = 0;
    for (int k = 0; k < weights.length; k++) {
      if (k != gate) {
        sum += weights[k] * scores[k];
      }
    }
    return sum;
  }
}

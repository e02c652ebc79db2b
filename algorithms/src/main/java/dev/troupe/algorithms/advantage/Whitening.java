package dev.troupe.algorithms.advantage;

import dev.troupe.algorithms.Require;

/**
 * Shifts and scales the advantages of a whole batch to mean 0 and variance 1: {@code (A - mean) /
 * sqrt(variance + epsilon)}. Only real tokens are in the rows, so padding is never counted.
 *
 * @param deviation which variance; OpenRLHF takes {@link Deviation#POPULATION}, verl {@link
 *     Deviation#SAMPLE}
 * @param epsilon what is added to the variance, 0 or more
 */
public record Whitening(Deviation deviation, double epsilon) {
  /** The epsilon of verl and OpenRLHF. */
  public static final double EPSILON = 1e-8;

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if epsilon is negative or not finite
   */
  public Whitening {
    Require.within("epsilon", epsilon, 0, Double.MAX_VALUE);
  }

  /**
   * Whitens a batch.
   *
   * @param rows advantages of the tokens of each response; rows may differ in length and be empty
   * @return new rows of the same lengths; exactly 0 if all advantages of the batch are equal
   * @throws IllegalArgumentException if an advantage is not finite
   */
  public double[][] of(double[][] rows) {
    long count = 0;
    double sum = 0;
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (int b = 0; b < rows.length; b++) {
      Require.finite("rows[" + b + "]", rows[b]);
      for (double advantage : rows[b]) {
        count++;
        sum += advantage;
        min = Math.min(min, advantage);
        max = Math.max(max, advantage);
      }
    }
    double mean = sum / count;
    double squares = 0;
    for (double[] row : rows) {
      for (double advantage : row) {
        squares += (advantage - mean) * (advantage - mean);
      }
    }
    // Equal advantages need a scale of 0: the mean of equal numbers is off by rounding.
    double scale = min < max ? 1 / Math.sqrt(deviation.variance(squares, count) + epsilon) : 0;
    double[][] white = new double[rows.length][];
    for (int b = 0; b < rows.length; b++) {
      white[b] = new double[rows[b].length];
      for (int t = 0; t < rows[b].length; t++) {
        white[b][t] = (rows[b][t] - mean) * scale;
      }
    }
    return white;
  }
}

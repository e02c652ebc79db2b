package dev.troupe.algorithms.essa;

/**
 * Symmetric quantisation of frozen weights to small integers with one scale for each row (ESSA,
 * section 4): {@code scale = max|W| / limit}, {@code q = round(W / scale)}, halves to even.
 * Adapters stay in floating point as a branch of their own, {@code y = Wq x + B (A x)}: folded into
 * the integers they would vanish, being far smaller than one step.
 */
public enum WeightQuantisation {
  /** Integers in [-127, 127]. */
  INT8(127),
  /** Integers in [-7, 7]. */
  INT4(7);

  private final int limit;

  WeightQuantisation(int limit) {
    this.limit = limit;
  }

  /**
   * The largest code.
   *
   * @return 127 or 7; the smallest code is its negative
   */
  public int limit() {
    return limit;
  }

  /**
   * Quantises a matrix.
   *
   * @param weights the weights, (m, n)
   * @return codes and scales; a row of zeros, or of numbers too small for a scale in full
   *     precision, has scale 0
   * @throws IllegalArgumentException if the matrix is empty, ragged or not finite
   */
  public QuantisedMatrix of(double[][] weights) {
    double[][] rows = Matrices.copy("weights", weights);
    double[] scales = new double[rows.length];
    byte[][] codes = new byte[rows.length][rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      double largest = 0;
      for (double weight : rows[i]) {
        largest = Math.max(largest, Math.abs(weight));
      }
      scales[i] = largest / limit < Double.MIN_NORMAL ? 0 : largest / limit;
      for (int j = 0; j < rows[i].length && scales[i] > 0; j++) {
        double code = Math.rint(rows[i][j] / scales[i]);
        codes[i][j] = (byte) Math.max(-limit, Math.min(limit, code));
      }
    }
    return new QuantisedMatrix(codes, scales);
  }
}

package dev.troupe.algorithms.essa;

/** The covariance of a search distribution; immutable. */
public interface Covariance {
  /**
   * Length of the vectors it is about.
   *
   * @return n
   */
  int dimension();

  /**
   * The covariance as a matrix.
   *
   * @return a new array, (n, n)
   */
  double[][] matrix();

  /**
   * Gives a standard normal vector this covariance, by its symmetric square root.
   *
   * @param normal the vector z, length n
   * @return {@code C^(1/2) z}, a new array
   */
  double[] colour(double[] normal);

  /**
   * One update: {@code kept * C + c1 * path path^T + cMu * sum of w[i] * steps[i] steps[i]^T}.
   *
   * @param constants the constants of the search
   * @param kept share of the old covariance that stays
   * @param path the covariance path, length n
   * @param steps coloured vectors of the best candidates, best first, as many as there are weights
   * @return the next covariance
   */
  Covariance updated(CmaConstants constants, double kept, double[] path, double[][] steps);
}

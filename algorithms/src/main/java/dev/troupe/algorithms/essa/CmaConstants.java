package dev.troupe.algorithms.essa;

/**
 * The constants of CMA-ES for one dimension and population (ESSA, section 3; Hansen, "The CMA
 * Evolution Strategy: A Tutorial", table 1 with positive weights only).
 *
 * @param dimension n, numbers searched
 * @param population lambda, candidates in a generation
 * @param weights recombination weights of the {@code floor(lambda / 2)} best, best first, sum 1
 * @param muEff variance-effective number of parents, {@code 1 / sum of w^2}
 * @param cSigma learning rate of the step-size path
 * @param cC learning rate of the covariance path
 * @param c1 learning rate of the rank-one update
 * @param cMu learning rate of the rank-mu update
 * @param dSigma damping of the step size
 * @param chiN expected length of a standard normal vector
 * @param decompositionInterval generations between decompositions of a full covariance, at least 1
 */
public record CmaConstants(
    int dimension,
    int population,
    double[] weights,
    double muEff,
    double cSigma,
    double cC,
    double c1,
    double cMu,
    double dSigma,
    double chiN,
    int decompositionInterval) {

  /**
   * The constants.
   *
   * @param dimension n, at least 1
   * @param population lambda, at least 2
   * @param shape which covariance is adapted
   * @return the constants
   * @throws IllegalArgumentException if a number is too small
   */
  public static CmaConstants of(int dimension, int population, CovarianceShape shape) {
    if (dimension < 1) {
      throw new IllegalArgumentException(
          "dimension is %d, expected at least 1: there is nothing to search".formatted(dimension));
    }
    if (population < 2) {
      throw new IllegalArgumentException(
          "population is %d, expected at least 2 candidates".formatted(population));
    }
    double n = dimension;
    double[] weights = weights(population / 2);
    double squares = 0;
    for (double weight : weights) {
      squares += weight * weight;
    }
    double muEff = 1 / squares;
    double cSigma = (muEff + 2) / (n + muEff + 5);
    double factor = shape.rateFactor(dimension);
    double c1 = Math.min(1, factor * 2 / ((n + 1.3) * (n + 1.3) + muEff));
    double cMu =
        Math.min(1 - c1, factor * 2 * (muEff - 2 + 1 / muEff) / ((n + 2) * (n + 2) + muEff));
    return new CmaConstants(
        dimension,
        population,
        weights,
        muEff,
        cSigma,
        (4 + muEff / n) / (n + 4 + 2 * muEff / n),
        c1,
        cMu,
        1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma,
        Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
        (int) Math.max(1, Math.floor(1 / (10 * n * (c1 + cMu)))));
  }

  /** {@code ln(mu + 1/2) - ln i} for i = 1..mu, divided by their sum. */
  private static double[] weights(int parents) {
    double[] weights = new double[parents];
    double sum = 0;
    for (int i = 0; i < parents; i++) {
      weights[i] = StrictMath.log(parents + 0.5) - StrictMath.log(i + 1);
      sum += weights[i];
    }
    for (int i = 0; i < parents; i++) {
      weights[i] /= sum;
    }
    return weights;
  }
}

package dev.troupe.algorithms.essa;

import dev.troupe.algorithms.Require;

/**
 * Everything that CMA-ES carries from one generation to the next; immutable, and enough to go on
 * after a restart. Two workers with equal states and equal rewards compute equal next states bit
 * for bit.
 *
 * @param generation updates made, 0 or more
 * @param mean m, centre of the search and its result, length n
 * @param sigma step size, above 0, in units of the searched numbers
 * @param sigmaPath evolution path of the step size, length n
 * @param covariancePath evolution path of the covariance, length n
 * @param covariance C, the shape of the distribution
 */
public record SearchState(
    long generation,
    double[] mean,
    double sigma,
    double[] sigmaPath,
    double[] covariancePath,
    Covariance covariance) {

  /**
   * Checks and copies the parts.
   *
   * @throws IllegalArgumentException if lengths differ, a number is not finite, sigma is not above
   *     0, or the generation is negative
   */
  public SearchState {
    if (generation < 0) {
      throw new IllegalArgumentException(
          "generation is %d, expected 0 or more".formatted(generation));
    }
    Require.within("sigma", sigma, Double.MIN_VALUE, Double.MAX_VALUE);
    int n = covariance.dimension();
    Require.sameLength("covariance", n, "mean", mean.length);
    Require.sameLength("covariance", n, "sigmaPath", sigmaPath.length);
    Require.sameLength("covariance", n, "covariancePath", covariancePath.length);
    Require.finite("mean", mean);
    Require.finite("sigmaPath", sigmaPath);
    Require.finite("covariancePath", covariancePath);
    mean = mean.clone();
    sigmaPath = sigmaPath.clone();
    covariancePath = covariancePath.clone();
  }

  /** A copy of the centre of the search, length n. */
  @Override
  public double[] mean() {
    return mean.clone();
  }

  /** A copy of the evolution path of the step size, length n. */
  @Override
  public double[] sigmaPath() {
    return sigmaPath.clone();
  }

  /** A copy of the evolution path of the covariance, length n. */
  @Override
  public double[] covariancePath() {
    return covariancePath.clone();
  }

  /**
   * The same search with half the step: what to do, with new draws, when every candidate had the
   * same fitness, which is the sign of a step so large that it ruins all of them.
   *
   * @return a new state
   */
  public SearchState halved() {
    return new SearchState(generation, mean, sigma / 2, sigmaPath, covariancePath, covariance);
  }
}

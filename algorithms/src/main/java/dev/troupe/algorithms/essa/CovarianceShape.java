package dev.troupe.algorithms.essa;

/** Which covariances CMA-ES may adapt. */
public enum CovarianceShape {
  /** Any symmetric matrix: the method of the paper. Memory n^2, a decomposition n^3. */
  FULL {
    @Override
    double rateFactor(int dimension) {
      return 1;
    }

    @Override
    Covariance identity(int dimension) {
      return FullCovariance.identity(dimension);
    }
  },

  /**
   * Diagonal matrices only, which learn (n + 2) / 3 times faster (Ros and Hansen 2008, "A Simple
   * Modification in CMA-ES Achieving Linear Time and Space Complexity"); for thousands of numbers.
   * Not in the paper of ESSA.
   */
  DIAGONAL {
    @Override
    double rateFactor(int dimension) {
      return (dimension + 2) / 3.0;
    }

    @Override
    Covariance identity(int dimension) {
      return DiagonalCovariance.identity(dimension);
    }
  };

  /** By how much the learning rates of the covariance are multiplied. */
  abstract double rateFactor(int dimension);

  /** The covariance of the first generation. */
  abstract Covariance identity(int dimension);
}

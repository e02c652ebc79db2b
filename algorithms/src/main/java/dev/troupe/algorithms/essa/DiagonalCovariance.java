package dev.troupe.algorithms.essa;

import java.util.Arrays;

/** A covariance of independent coordinates. */
public final class DiagonalCovariance implements Covariance {
  private final double[] variances;

  private DiagonalCovariance(double[] variances) {
    this.variances = variances;
  }

  /** The covariance of the first generation. */
  static DiagonalCovariance identity(int dimension) {
    double[] ones = new double[dimension];
    Arrays.fill(ones, 1);
    return new DiagonalCovariance(ones);
  }

  /**
   * A covariance that was saved.
   *
   * @param variances what {@link #variances} gave
   * @return the covariance
   * @throws IllegalArgumentException if there is none, or one is not above 0 and finite
   */
  public static DiagonalCovariance restored(double[] variances) {
    if (variances.length == 0) {
      throw new IllegalArgumentException("variances is empty, expected at least 1 variance");
    }
    for (int i = 0; i < variances.length; i++) {
      if (!(variances[i] > 0 && variances[i] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "variances at index %d is %s, expected a number above 0".formatted(i, variances[i]));
      }
    }
    return new DiagonalCovariance(variances.clone());
  }

  /**
   * The variance of each coordinate; all that has to be saved.
   *
   * @return a new array, length n
   */
  public double[] variances() {
    return variances.clone();
  }

  @Override
  public int dimension() {
    return variances.length;
  }

  @Override
  public double[][] matrix() {
    double[][] matrix = new double[variances.length][variances.length];
    for (int i = 0; i < variances.length; i++) {
      matrix[i][i] = variances[i];
    }
    return matrix;
  }

  @Override
  public double[] colour(double[] normal) {
    double[] coloured = new double[normal.length];
    for (int i = 0; i < coloured.length; i++) {
      coloured[i] = Math.sqrt(variances[i]) * normal[i];
    }
    return coloured;
  }

  @Override
  public DiagonalCovariance updated(
      CmaConstants constants, double kept, double[] path, double[][] steps) {
    double[] updated = new double[variances.length];
    for (int i = 0; i < updated.length; i++) {
      double rankMu = 0;
      for (int k = 0; k < steps.length; k++) {
        rankMu += constants.weights()[k] * steps[k][i] * steps[k][i];
      }
      updated[i] =
          kept * variances[i] + constants.c1() * path[i] * path[i] + constants.cMu() * rankMu;
    }
    return new DiagonalCovariance(updated);
  }
}

package dev.troupe.algorithms.essa;

import dev.troupe.algorithms.Require;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * A full covariance with its symmetric square root {@code B sqrt(D) B^T}. For large n the
 * decomposition is the price of a generation, so it may be a few generations old; what it was made
 * from is then part of the state.
 */
public final class FullCovariance implements Covariance {
  /** Ratio of eigenvalues below which a direction counts as lost to rounding. */
  private static final double SMALLEST_RATIO = 1e-14;

  private final double[][] matrix;
  private final double[][] decomposed;
  private final int age;
  private final double[][] basis;
  private final double[] deviations;

  private FullCovariance(double[][] matrix) {
    this.matrix = matrix;
    this.decomposed = matrix;
    this.age = 0;
    int n = matrix.length;
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
    if (!eigen.decompose(new DMatrixRMaj(matrix))) {
      throw new IllegalArgumentException(
          "the covariance (%d, %d) has no eigendecomposition: the iteration did not converge"
              .formatted(n, n));
    }
    double largest = 0;
    for (int i = 0; i < n; i++) {
      largest = Math.max(largest, eigen.getEigenvalue(i).getReal());
    }
    this.basis = new double[n][];
    this.deviations = new double[n];
    for (int i = 0; i < n; i++) {
      basis[i] = eigen.getEigenVector(i).getData().clone();
      deviations[i] =
          Math.sqrt(Math.max(eigen.getEigenvalue(i).getReal(), SMALLEST_RATIO * largest));
    }
  }

  private FullCovariance(double[][] matrix, FullCovariance older) {
    this.matrix = matrix;
    this.decomposed = older.decomposed;
    this.age = older.age + 1;
    this.basis = older.basis;
    this.deviations = older.deviations;
  }

  /** The covariance of the first generation. */
  static FullCovariance identity(int dimension) {
    double[][] identity = new double[dimension][dimension];
    for (int i = 0; i < dimension; i++) {
      identity[i][i] = 1;
    }
    return new FullCovariance(identity);
  }

  /**
   * A covariance that was saved.
   *
   * @param matrix what {@link #matrix} gave
   * @param decomposed what {@link #decomposed} gave
   * @param age what {@link #age} gave
   * @return the covariance, with the same square root bit for bit
   * @throws IllegalArgumentException if a matrix is not square, symmetric and finite, or the age is
   *     negative
   */
  public static FullCovariance restored(double[][] matrix, double[][] decomposed, int age) {
    double[][] now = symmetric("matrix", matrix);
    double[][] then = symmetric("decomposed", decomposed);
    Require.sameLength("matrix", now.length, "decomposed", then.length);
    if (age < 0) {
      throw new IllegalArgumentException("age is %d, expected 0 or more".formatted(age));
    }
    FullCovariance covariance = new FullCovariance(then);
    for (int i = 1; i < age; i++) {
      covariance = new FullCovariance(then, covariance);
    }
    return age == 0 ? covariance : new FullCovariance(now, covariance);
  }

  @Override
  public int dimension() {
    return matrix.length;
  }

  @Override
  public double[][] matrix() {
    return Matrices.copy("matrix", matrix);
  }

  /**
   * The covariance as it was when it was last decomposed.
   *
   * @return a new array, (n, n)
   */
  public double[][] decomposed() {
    return Matrices.copy("decomposed", decomposed);
  }

  /**
   * Updates since the last decomposition.
   *
   * @return 0 or more
   */
  public int age() {
    return age;
  }

  @Override
  public double[] colour(double[] normal) {
    double[] coloured = new double[normal.length];
    for (int k = 0; k < basis.length; k++) {
      double along = 0;
      for (int i = 0; i < normal.length; i++) {
        along += basis[k][i] * normal[i];
      }
      along *= deviations[k];
      for (int i = 0; i < normal.length; i++) {
        coloured[i] += along * basis[k][i];
      }
    }
    return coloured;
  }

  @Override
  public FullCovariance updated(
      CmaConstants constants, double kept, double[] path, double[][] steps) {
    int n = matrix.length;
    double[] weights = constants.weights();
    double[][] updated = new double[n][n];
    for (int i = 0; i < n; i++) {
      // Only one half is computed, so that the matrix stays symmetric bit for bit.
      for (int j = 0; j <= i; j++) {
        double rankMu = 0;
        for (int k = 0; k < steps.length; k++) {
          rankMu += weights[k] * steps[k][i] * steps[k][j];
        }
        updated[i][j] =
            kept * matrix[i][j] + constants.c1() * path[i] * path[j] + constants.cMu() * rankMu;
        updated[j][i] = updated[i][j];
      }
    }
    return age + 1 < constants.decompositionInterval()
        ? new FullCovariance(updated, this)
        : new FullCovariance(updated);
  }

  private static double[][] symmetric(String name, double[][] matrix) {
    double[][] copy = Matrices.copy(name, matrix);
    Require.sameLength(name, copy.length, name + "[0]", copy[0].length);
    for (int i = 0; i < copy.length; i++) {
      if (!Arrays.equals(copy[i], column(copy, i))) {
        throw new IllegalArgumentException(
            "%s (%d, %d) differs in row and column %d, expected a symmetric matrix"
                .formatted(name, copy.length, copy.length, i));
      }
    }
    return copy;
  }

  private static double[] column(double[][] matrix, int j) {
    return Arrays.stream(matrix).mapToDouble(row -> row[j]).toArray();
  }
}

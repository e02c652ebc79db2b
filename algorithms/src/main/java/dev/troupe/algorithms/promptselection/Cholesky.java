package dev.troupe.algorithms.promptselection;

/** Linear equations with a symmetric positive definite matrix. */
final class Cholesky {
  private Cholesky() {}

  /** Solves {@code matrix x = right}; reads the lower triangle and overwrites it. */
  static double[] solve(double[][] matrix, double[] right) {
    int size = right.length;
    double[] x = right.clone();
    for (int row = 0; row < size; row++) {
      for (int column = 0; column <= row; column++) {
        double rest = matrix[row][column];
        for (int k = 0; k < column; k++) {
          rest -= matrix[row][k] * matrix[column][k];
        }
        matrix[row][column] = row == column ? Math.sqrt(rest) : rest / matrix[column][column];
      }
    }
    for (int row = 0; row < size; row++) {
      for (int k = 0; k < row; k++) {
        x[row] -= matrix[row][k] * x[k];
      }
      x[row] /= matrix[row][row];
    }
    for (int row = size - 1; row >= 0; row--) {
      for (int k = row + 1; k < size; k++) {
        x[row] -= matrix[k][row] * x[k];
      }
      x[row] /= matrix[row][row];
    }
    return x;
  }
}

package dev.troupe.algorithms.essa;

import dev.troupe.algorithms.Require;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;

/** Checked copies between row-major arrays and the matrices of the linear algebra library. */
final class Matrices {
  private Matrices() {}

  /** A copy of a rectangular, finite, non-empty matrix. */
  static double[][] copy(String name, double[][] rows) {
    if (rows.length == 0 || rows[0].length == 0) {
      throw new IllegalArgumentException(name + " is empty, expected at least 1 row and 1 column");
    }
    for (int i = 0; i < rows.length; i++) {
      Require.sameLength(name + "[0]", rows[0].length, name + "[" + i + "]", rows[i].length);
      Require.finite(name + "[" + i + "]", rows[i]);
    }
    return Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
  }

  static double[][] rows(DMatrixRMaj matrix) {
    double[][] rows = new double[matrix.numRows][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(matrix.data, i * matrix.numCols, (i + 1) * matrix.numCols);
    }
    return rows;
  }

  /** The product of two matrices, each sum in the order of the inner axis. */
  static double[][] product(double[][] left, double[][] right) {
    double[][] product = new double[left.length][right[0].length];
    for (int i = 0; i < left.length; i++) {
      for (int k = 0; k < right.length; k++) {
        for (int j = 0; j < product[i].length; j++) {
          product[i][j] += left[i][k] * right[k][j];
        }
      }
    }
    return product;
  }

  /** The product of a matrix and a vector. */
  static double[] product(double[][] matrix, double[] vector) {
    double[] product = new double[matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      for (int j = 0; j < vector.length; j++) {
        product[i] += matrix[i][j] * vector[j];
      }
    }
    return product;
  }
}

package dev.troupe.algorithms.essa;

import dev.troupe.algorithms.Require;
import java.util.Arrays;

/** A matrix of small integers with one scale for each row, from {@link WeightQuantisation#of}. */
public final class QuantisedMatrix {
  private final byte[][] codes;
  private final double[] scales;

  QuantisedMatrix(byte[][] codes, double[] scales) {
    this.codes = codes;
    this.scales = scales;
  }

  /**
   * The integers.
   *
   * @return a new array, (m, n)
   */
  public byte[][] codes() {
    return Arrays.stream(codes).map(byte[]::clone).toArray(byte[][]::new);
  }

  /**
   * The scale of each row, which is one step of its integers.
   *
   * @return a new array, length m, 0 or more
   */
  public double[] scales() {
    return scales.clone();
  }

  /**
   * The weights that the integers stand for. Each is within half a {@link #scales scale} of the
   * original.
   *
   * @return a new array, (m, n)
   */
  public double[][] dequantised() {
    double[][] weights = new double[codes.length][codes[0].length];
    for (int i = 0; i < weights.length; i++) {
      for (int j = 0; j < weights[i].length; j++) {
        weights[i][j] = codes[i][j] * scales[i];
      }
    }
    return weights;
  }

  /**
   * The largest distance of a weight to what its integer stands for.
   *
   * @param weights the weights that were quantised, (m, n)
   * @return the distance, at most half the largest scale
   * @throws IllegalArgumentException if the shape differs
   */
  public double largestError(double[][] weights) {
    double[][] dequantised = dequantised();
    Require.sameLength("codes", codes.length, "weights", weights.length);
    double largest = 0;
    for (int i = 0; i < weights.length; i++) {
      Require.sameLength("codes[0]", codes[0].length, "weights[" + i + "]", weights[i].length);
      for (int j = 0; j < weights[i].length; j++) {
        largest = Math.max(largest, Math.abs(weights[i][j] - dequantised[i][j]));
      }
    }
    return largest;
  }

  /**
   * The product with a vector, scaled once for each row.
   *
   * @param x the vector, length n
   * @return {@code Wq x}, length m; add the adapter's {@code B (A x)} to it
   * @throws IllegalArgumentException if the length differs
   */
  public double[] times(double... x) {
    Require.sameLength("codes[0]", codes[0].length, "x", x.length);
    double[] product = new double[codes.length];
    for (int i = 0; i < product.length; i++) {
      double sum = 0;
      for (int j = 0; j < x.length; j++) {
        sum += codes[i][j] * x[j];
      }
      product[i] = scales[i] * sum;
    }
    return product;
  }
}

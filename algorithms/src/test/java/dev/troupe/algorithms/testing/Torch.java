package dev.troupe.algorithms.testing;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.troupe.algorithms.HostCopy;
import java.util.Arrays;
import java.util.function.Supplier;

/** The engine of the tests, and automatic differentiation through it. */
public final class Torch {
  private static final Engine ENGINE = Engine.getEngine("PyTorch");

  private Torch() {}

  /** A loss with its gradients, one row-major array for each parameter. */
  public record Differentiated(double loss, double[][] gradients) {}

  public static NDManager manager() {
    return ENGINE.newBaseManager();
  }

  public static NDArray vector(NDManager manager, double... values) {
    return manager.create(values);
  }

  /** A float64 array of equally long rows. */
  public static NDArray matrix(NDManager manager, double[]... rows) {
    double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    return manager.create(flat, new Shape(rows.length, rows.length == 0 ? 0 : rows[0].length));
  }

  /** A float64 array of rows that are padded on the right. */
  public static NDArray padded(NDManager manager, int width, double padding, double[]... rows) {
    double[][] wide = new double[rows.length][width];
    for (int b = 0; b < rows.length; b++) {
      Arrays.fill(wide[b], padding);
      System.arraycopy(rows[b], 0, wide[b], 0, rows[b].length);
    }
    return manager.create(
        Arrays.stream(wide).flatMapToDouble(Arrays::stream).toArray(),
        new Shape(rows.length, width));
  }

  public static double[][] widen(float[][] rows) {
    return Arrays.stream(rows).map(Torch::widen).toArray(double[][]::new);
  }

  public static double[] widen(float[] row) {
    double[] wide = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      wide[i] = row[i];
    }
    return wide;
  }

  public static float[] narrow(double[] row) {
    float[] narrow = new float[row.length];
    for (int i = 0; i < row.length; i++) {
      narrow[i] = (float) row[i];
    }
    return narrow;
  }

  public static float[][] narrow(double[][] rows) {
    return Arrays.stream(rows).map(Torch::narrow).toArray(float[][]::new);
  }

  /** Cuts a row-major array into rows. */
  public static double[][] rows(double[] flat, int columns) {
    double[][] rows = new double[flat.length / columns][];
    for (int b = 0; b < rows.length; b++) {
      rows[b] = Arrays.copyOfRange(flat, b * columns, (b + 1) * columns);
    }
    return rows;
  }

  /** The values of an array with two axes. */
  public static double[][] rows(NDArray matrix) {
    return rows(HostCopy.doubles(matrix), (int) matrix.getShape().get(1));
  }

  /** Evaluates a loss and differentiates it with respect to leaf arrays. */
  public static Differentiated differentiate(Supplier<NDArray> loss, NDArray... parameters) {
    for (NDArray parameter : parameters) {
      parameter.setRequiresGradient(true);
    }
    try (GradientCollector collector = ENGINE.newGradientCollector()) {
      NDArray value = loss.get();
      if (value.getShape().dimension() != 0) {
        throw new AssertionError("the loss has shape " + value.getShape() + ", expected ()");
      }
      collector.backward(value);
      double[][] gradients = new double[parameters.length][];
      for (int i = 0; i < parameters.length; i++) {
        try (NDArray gradient = parameters[i].getGradient()) {
          gradients[i] = HostCopy.doubles(gradient);
          // The engine adds to the gradient that a leaf already has.
          gradient.subi(gradient);
        }
      }
      return new Differentiated(HostCopy.scalar(value), gradients);
    }
  }
}

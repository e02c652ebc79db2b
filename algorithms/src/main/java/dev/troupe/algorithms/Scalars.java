package dev.troupe.algorithms;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/**
 * Numbers in differentiable expressions.
 *
 * <p>DJL's {@code x.mul(number)} wraps the number in Java memory that it frees at once, while the
 * graph keeps pointing to it for the backward pass: after a garbage collection the gradient is
 * garbage. These operations leave the number with the manager of {@code x}, which must outlive the
 * backward pass.
 */
public final class Scalars {
  private Scalars() {}

  /** The array times a number, in the array's type, attached to its manager. */
  public static NDArray times(NDArray x, double factor) {
    return x.mul(alike(x, factor));
  }

  /** The array plus a number, in the array's type, attached to its manager. */
  public static NDArray plus(NDArray x, double number) {
    return x.add(alike(x, number));
  }

  /** The number as a scalar of the array's type. */
  private static NDArray alike(NDArray x, double number) {
    NDManager manager = x.getManager();
    // A float64 number would make a float32 scalar float64, and DJL's casts cut the graph.
    return x.getDataType() == DataType.FLOAT64
        ? manager.create(number)
        : manager.create((float) number);
  }
}

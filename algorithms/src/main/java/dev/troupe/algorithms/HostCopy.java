package dev.troupe.algorithms;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** Copies of small arrays in host memory, widened to float64. Each call waits for the device. */
public final class HostCopy {
  private HostCopy() {}

  /**
   * The values of an array in row-major order.
   *
   * @param array any floating array
   * @return a new host array; {@code array} stays open
   */
  public static double[] doubles(NDArray array) {
    if (array.getDataType() == DataType.FLOAT64) {
      return array.toDoubleArray();
    }
    if (array.getDataType() == DataType.FLOAT32) {
      return doubles(array.toFloatArray());
    }
    try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray();
    }
  }

  /**
   * The same numbers in float64.
   *
   * @param narrow any numbers
   * @return a new array
   */
  public static double[] doubles(float[] narrow) {
    double[] wide = new double[narrow.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = narrow[i];
    }
    return wide;
  }

  /**
   * The value of a scalar.
   *
   * @param scalar a floating array with one element
   * @return its value
   */
  public static double scalar(NDArray scalar) {
    return doubles(scalar)[0];
  }
}

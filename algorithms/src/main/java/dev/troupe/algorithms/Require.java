package dev.troupe.algorithms;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * Checks on arguments. Every failure is an {@link IllegalArgumentException} that names the
 * argument, says what it is, and says what was expected. Broadcasting would hide most of these
 * mistakes.
 */
public final class Require {
  private Require() {}

  /**
   * Refuses an array whose shape or data type differs from that of another.
   *
   * @param likeName name of the array that sets the shape
   * @param like the array that sets the shape
   * @param name name of the array that is checked
   * @param array the array that is checked
   */
  public static void sameLayout(String likeName, NDArray like, String name, NDArray array) {
    if (!array.getShape().equals(like.getShape())) {
      throw new IllegalArgumentException(
          "%s has shape %s, expected %s like %s"
              .formatted(name, array.getShape(), like.getShape(), likeName));
    }
    if (array.getDataType() != like.getDataType()) {
      throw new IllegalArgumentException(
          "%s has type %s, expected %s like %s"
              .formatted(name, array.getDataType(), like.getDataType(), likeName));
    }
  }

  /**
   * Refuses an array that does not have the wanted number of axes, or is not of a floating type.
   *
   * @param name name of the array
   * @param array the array
   * @param axes the axes expected, one letter each, for example {@code "BT"}
   */
  public static void axes(String name, NDArray array, String axes) {
    Shape shape = array.getShape();
    if (shape.dimension() != axes.length()) {
      throw new IllegalArgumentException(
          "%s has shape %s, expected %d axes (%s)"
              .formatted(name, shape, axes.length(), String.join(", ", axes.split(""))));
    }
    if (!array.getDataType().isFloating()) {
      throw new IllegalArgumentException(
          "%s has type %s, expected a floating type".formatted(name, array.getDataType()));
    }
  }

  /**
   * Refuses arrays of one shape that hold a NaN or an infinity. One reduction and one transfer to
   * the host for all of them; only a failure looks at the values one by one.
   *
   * @param names one name for each array
   * @param arrays arrays of one shape and type
   */
  public static void finite(List<String> names, NDArray... arrays) {
    NDArray sum = arrays[0].stopGradient();
    for (int i = 1; i < arrays.length; i++) {
      sum = sum.add(arrays[i].stopGradient());
    }
    if (Double.isFinite(HostCopy.scalar(sum.sum()))) {
      return;
    }
    for (int i = 0; i < arrays.length; i++) {
      finite(names.get(i) + " " + arrays[i].getShape(), HostCopy.doubles(arrays[i]));
    }
  }

  /**
   * Refuses a value outside {@code [min, max]}, or NaN.
   *
   * @param name name of the value
   * @param value the value
   * @param min smallest allowed value
   * @param max largest allowed value
   */
  public static void within(String name, double value, double min, double max) {
    if (!(min <= value && value <= max)) {
      throw new IllegalArgumentException(
          "%s is %s, expected a number in [%s, %s]".formatted(name, value, min, max));
    }
  }

  /**
   * Refuses NaN and infinities.
   *
   * @param name name of the array
   * @param values the values
   */
  public static void finite(String name, double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw notFinite(name, i, values[i]);
      }
    }
  }

  /**
   * Refuses NaN and infinities.
   *
   * @param name name of the array
   * @param values the values
   */
  public static void finite(String name, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw notFinite(name, i, values[i]);
      }
    }
  }

  /**
   * Refuses an array whose length differs from that of another.
   *
   * @param likeName name of the array that sets the length
   * @param length that length
   * @param name name of the array that is checked
   * @param actual its length
   */
  public static void sameLength(String likeName, int length, String name, int actual) {
    if (actual != length) {
      throw new IllegalArgumentException(
          "%s has length %d, expected %d like %s".formatted(name, actual, length, likeName));
    }
  }

  /**
   * Refuses a normaliser that cannot be the total of a whole batch.
   *
   * @param name name of the total
   * @param total the total
   * @param here how many of them this micro-batch holds
   */
  public static void total(String name, long total, long here) {
    if (total < Math.max(1, here)) {
      throw new IllegalArgumentException(
          "%s is %d, expected at least %d, the number in this micro-batch"
              .formatted(name, total, Math.max(1, here)));
    }
  }

  /**
   * Throws one exception that lists every problem, or nothing when there is none.
   *
   * @param subject what the problems are about, for example a settings record
   * @param problems one clause for each problem
   */
  public static void none(String subject, List<String> problems) {
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(subject + ": " + String.join("; ", problems));
    }
  }

  private static IllegalArgumentException notFinite(String name, int index, double value) {
    return new IllegalArgumentException(
        "%s at index %d is %s, expected a finite number".formatted(name, index, value));
  }
}

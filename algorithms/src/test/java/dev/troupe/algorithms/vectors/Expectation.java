package dev.troupe.algorithms.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares what a case expects with what was computed, field by field. */
final class Expectation {
  /** Fields that explain a case to a reader. They are compared only if a runner computes them. */
  private static final Set<String> REMARKS =
      Set.of("note", "tie_rule", "zero_length", "recommended");

  private final double tolerance;
  private final List<String> mismatches = new ArrayList<>();

  private Expectation(double tolerance) {
    this.tolerance = tolerance;
  }

  /**
   * One sentence for each expected field that was not computed or differs; extra results are
   * allowed.
   *
   * @param actual numbers, booleans, texts, null, arrays or lists of them to any depth, or maps for
   *     nested objects. NaN is the same as null, which JSON has instead
   * @param tolerance largest difference of two numbers, relative to the expected one where that is
   *     above 1
   */
  static List<String> mismatches(JsonNode expected, Object actual, double tolerance) {
    Expectation expectation = new Expectation(tolerance);
    expectation.compare("", expected, actual);
    return expectation.mismatches;
  }

  private void compare(String path, JsonNode expected, Object actual) {
    if (expected.isObject()) {
      compareFields(path, expected, actual);
    } else if (expected.isArray()) {
      compareElements(path, expected, actual);
    } else if (!agrees(expected, actual)) {
      mismatches.add("%s is %s, expected %s".formatted(path, actual, expected));
    }
  }

  private void compareFields(String path, JsonNode expected, Object actual) {
    if (!(actual instanceof Map<?, ?> results)) {
      mismatches.add("%s is %s, expected an object".formatted(path, actual));
      return;
    }
    expected
        .properties()
        .forEach(
            field -> {
              String name = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
              if (results.containsKey(field.getKey())) {
                compare(name, field.getValue(), results.get(field.getKey()));
              } else if (!(REMARKS.contains(field.getKey()) && field.getValue().isTextual())) {
                mismatches.add(name + " is expected but was not computed");
              }
            });
  }

  private void compareElements(String path, JsonNode expected, Object actual) {
    Object array = actual instanceof List<?> list ? list.toArray() : actual;
    if (array == null || !array.getClass().isArray()) {
      mismatches.add("%s is %s, expected %s".formatted(path, actual, expected));
      return;
    }
    if (Array.getLength(array) != expected.size()) {
      mismatches.add(
          "%s has length %d, expected %d".formatted(path, Array.getLength(array), expected.size()));
      return;
    }
    for (int i = 0; i < expected.size(); i++) {
      compare(path + "[" + i + "]", expected.get(i), Array.get(array, i));
    }
  }

  private boolean agrees(JsonNode expected, Object actual) {
    if (expected.isBoolean()) {
      return actual instanceof Boolean && expected.asBoolean() == (boolean) actual;
    }
    if (expected.isTextual()) {
      return expected.asText().equals(actual);
    }
    boolean isNothing =
        actual == null || actual instanceof Number n && Double.isNaN(n.doubleValue());
    double value = expected.asDouble();
    if (expected.isNull() || Double.isNaN(value)) {
      return isNothing;
    }
    // An infinity minus itself is NaN, so equality comes first.
    return actual instanceof Number number
        && (number.doubleValue() == value
            || Math.abs(number.doubleValue() - value) <= tolerance * Math.max(1, Math.abs(value)));
  }
}

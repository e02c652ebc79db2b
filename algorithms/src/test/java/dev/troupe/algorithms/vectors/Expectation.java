package dev.troupe.algorithms.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Array;
import java.util.Map;

/** Compares what a case expects with what was computed, field by field. */
final class Expectation {
  private Expectation() {}

  /** Fails unless every expected field was computed and agrees; extra results are allowed. */
  static void compare(String path, JsonNode expected, Object actual, double tolerance) {
    if (expected.isObject()) {
      Map<?, ?> results = (Map<?, ?>) actual;
      expected
          .properties()
          .forEach(
              field -> {
                String name = path + "." + field.getKey();
                if (!results.containsKey(field.getKey())) {
                  fail(name + " is expected but was not computed");
                }
                compare(name, field.getValue(), results.get(field.getKey()), tolerance);
              });
    } else if (expected.isArray()) {
      assertEquals(expected.size(), Array.getLength(actual), "length of " + path);
      for (int i = 0; i < expected.size(); i++) {
        compare(path + "[" + i + "]", expected.get(i), Array.get(actual, i), tolerance);
      }
    } else if (expected.isBoolean()) {
      assertEquals(expected.asBoolean(), actual, path);
    } else {
      double value = expected.asDouble();
      assertEquals(
          value, ((Number) actual).doubleValue(), tolerance * Math.max(1, Math.abs(value)), path);
    }
  }
}

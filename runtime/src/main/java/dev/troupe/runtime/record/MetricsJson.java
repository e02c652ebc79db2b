package dev.troupe.runtime.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The flat JSON form of a step, so that tools read the file as a table without unpacking.
 *
 * <pre>{"stage":"grpo","step":1,"total-steps":9,"elapsed-seconds":2.5,"reward/mean":0.5}</pre>
 *
 * <p>JSON has no NaN and no infinity; these travel as the strings {@code "NaN"}, {@code "Infinity"}
 * and {@code "-Infinity"}.
 */
public final class MetricsJson {
  private static final JsonMapper JSON = new JsonMapper();

  private MetricsJson() {}

  /** Adds the step's fields and metrics to an object and returns it. */
  public static ObjectNode write(StepMetrics step, ObjectNode object) {
    object.put(StepMetrics.STAGE, step.stage());
    object.put(StepMetrics.STEP, step.step());
    object.put(StepMetrics.TOTAL_STEPS, step.totalSteps());
    object.put(StepMetrics.ELAPSED_SECONDS, step.elapsedSeconds());
    step.values().forEach((name, value) -> putNumber(object, name, value));
    return object;
  }

  /** Adds a number, or the name of one that JSON cannot express. */
  public static void putNumber(ObjectNode object, String name, double value) {
    if (Double.isFinite(value)) {
      object.put(name, value);
    } else {
      object.put(name, Double.toString(value));
    }
  }

  static String line(StepMetrics step) {
    return write(step, JSON.createObjectNode()).toString();
  }

  /**
   * Reads what {@link #line} wrote.
   *
   * @throws IllegalArgumentException if the text is not such a line; the message says why
   */
  static StepMetrics parse(String line) {
    JsonNode object;
    try {
      object = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is not JSON: " + e.getOriginalMessage(), e);
    }
    Map<String, Double> values = new LinkedHashMap<>();
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!isPosition(name)) {
                values.put(name, number(object, name));
              }
            });
    return new StepMetrics(
        required(object, StepMetrics.STAGE).asText(),
        required(object, StepMetrics.STEP).asLong(),
        required(object, StepMetrics.TOTAL_STEPS).asLong(),
        number(object, StepMetrics.ELAPSED_SECONDS),
        values);
  }

  private static boolean isPosition(String name) {
    return name.equals(StepMetrics.STAGE)
        || name.equals(StepMetrics.STEP)
        || name.equals(StepMetrics.TOTAL_STEPS)
        || name.equals(StepMetrics.ELAPSED_SECONDS);
  }

  private static JsonNode required(JsonNode object, String name) {
    JsonNode value = object.get(name);
    if (value == null) {
      throw new IllegalArgumentException("it has no \"" + name + "\"");
    }
    return value;
  }

  private static double number(JsonNode object, String name) {
    JsonNode value = required(object, name);
    if (value.isNumber()) {
      return value.asDouble();
    }
    return switch (value.asText()) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default ->
          throw new IllegalArgumentException("\"" + name + "\" is not a number: " + value.asText());
    };
  }
}

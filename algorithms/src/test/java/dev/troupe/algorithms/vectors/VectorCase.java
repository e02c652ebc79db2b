package dev.troupe.algorithms.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/**
 * One case of a vector file, with typed access to its inputs and parameters.
 *
 * @param inputs the data, by name
 * @param params the settings of the method, by name; empty if the file has none
 * @param expected the results, by name
 * @param tolerance see {@link Expectation#mismatches}
 */
record VectorCase(
    String algorithm,
    String name,
    JsonNode inputs,
    JsonNode params,
    JsonNode expected,
    double tolerance) {

  static VectorCase of(String algorithm, JsonNode node) {
    return new VectorCase(
        algorithm,
        node.path("name").asText(),
        object(node, "inputs"),
        object(node, "params"),
        object(node, "expected"),
        node.path("tolerance").asDouble());
  }

  private static JsonNode object(JsonNode node, String field) {
    JsonNode object = node.get(field);
    return object == null ? JsonNodeFactory.instance.objectNode() : object;
  }

  double[] vector(String input) {
    return toVector(present(inputs, input));
  }

  double[][] matrix(String input) {
    JsonNode rows = present(inputs, input);
    double[][] matrix = new double[rows.size()][];
    for (int b = 0; b < matrix.length; b++) {
      matrix[b] = toVector(rows.get(b));
    }
    return matrix;
  }

  double number(String input) {
    return present(inputs, input).asDouble();
  }

  double param(String param) {
    return present(params, param).asDouble();
  }

  double param(String param, double ifAbsent) {
    return has(param) ? param(param) : ifAbsent;
  }

  double[] paramVector(String param) {
    return toVector(present(params, param));
  }

  /** Whether a parameter is given and not null. */
  boolean has(String param) {
    return params.hasNonNull(param);
  }

  String text(String param) {
    return present(params, param).asText();
  }

  private JsonNode present(JsonNode parent, String field) {
    JsonNode node = parent.get(field);
    if (node == null || node.isNull()) {
      throw new AssertionError("%s/%s has no %s".formatted(algorithm, name, field));
    }
    return node;
  }

  private static double[] toVector(JsonNode node) {
    double[] vector = new double[node.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = node.get(i).asDouble();
    }
    return vector;
  }
}

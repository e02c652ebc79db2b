package dev.troupe.algorithms.vectors;

import com.fasterxml.jackson.databind.JsonNode;

/** One case of a vector file, with typed access to its inputs and parameters. */
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
        node.get("name").asText(),
        node.get("inputs"),
        node.get("params"),
        node.get("expected"),
        node.get("tolerance").asDouble());
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
    JsonNode node = params.get(param);
    return node == null || node.isNull() ? ifAbsent : node.asDouble();
  }

  String text(String param) {
    return present(params, param).asText();
  }

  private JsonNode present(JsonNode parent, String field) {
    JsonNode node = parent.get(field);
    if (node == null) {
      throw new AssertionError("%s/%s has no field %s".formatted(algorithm, name, field));
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

package dev.troupe.runtime.record.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * The REST API of an MLflow tracking server, as <a
 * href="https://mlflow.org/docs/latest/rest-api.html">its documentation</a> has it.
 */
public final class MlflowServer {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Longest value of a parameter that every backend of MLflow keeps. */
  private static final int LONGEST_VALUE = 500;

  private static final int SHOWN = 200;

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final URI address;
  private final Optional<String> authorization;

  /**
   * @param address such as {@code http://localhost:5000}
   * @param environment where {@code MLFLOW_TRACKING_TOKEN}, or {@code MLFLOW_TRACKING_USERNAME} and
   *     {@code MLFLOW_TRACKING_PASSWORD}, may be
   */
  public MlflowServer(URI address, Map<String, String> environment) {
    this.address = address;
    String token = environment.get("MLFLOW_TRACKING_TOKEN");
    String user = environment.get("MLFLOW_TRACKING_USERNAME");
    if (token != null) {
      authorization = Optional.of("Bearer " + token);
    } else if (user != null) {
      String pair = user + ":" + environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
      byte[] bytes = pair.getBytes(StandardCharsets.UTF_8);
      authorization = Optional.of("Basic " + Base64.getEncoder().encodeToString(bytes));
    } else {
      authorization = Optional.empty();
    }
  }

  URI address() {
    return address;
  }

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** A value that fits into a parameter. */
  static String value(String text) {
    return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE - 1) + "…";
  }

  /** The id of an experiment, which is created if there is none of the name. */
  String experiment(String name) throws IOException, InterruptedException {
    String query = "experiment_name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
    HttpResponse<String> found = send(request("experiments/get-by-name?" + query).GET().build());
    if (found.statusCode() == 200) {
      return JSON.readTree(found.body()).at("/experiment/experiment_id").asText();
    }
    if (found.statusCode() != 404) {
      throw refused("experiments/get-by-name", found);
    }
    return post("experiments/create", object().put("name", name)).path("experiment_id").asText();
  }

  /**
   * Calls an endpoint.
   *
   * @throws IOException if the server is away or refuses
   */
  JsonNode post(String endpoint, JsonNode body) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        send(
            request(endpoint)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
    if (answer.statusCode() != 200) {
      throw refused(endpoint, answer);
    }
    return answer.body().isBlank() ? object() : JSON.readTree(answer.body());
  }

  private HttpRequest.Builder request(String endpoint) {
    String base = address.toString().replaceAll("/+$", "");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/api/2.0/mlflow/" + endpoint)).timeout(PATIENCE);
    authorization.ifPresent(value -> request.header("Authorization", value));
    return request;
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new IOException("no answer: " + reason, e);
    }
  }

  private static IOException refused(String endpoint, HttpResponse<String> answer) {
    String body = answer.body().strip();
    return new IOException(
        "%s answered %d%s"
            .formatted(
                endpoint,
                answer.statusCode(),
                body.isEmpty() ? "" : ": " + body.substring(0, Math.min(SHOWN, body.length()))));
  }
}

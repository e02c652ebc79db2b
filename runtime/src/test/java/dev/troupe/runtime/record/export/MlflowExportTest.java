package dev.troupe.runtime.record.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.troupe.runtime.record.StepMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that answers as MLflow's REST documentation says. */
class MlflowExportTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Call(String endpoint, String authorization, JsonNode body) {}

  @TempDir private Path directory;
  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  private final AtomicInteger refusals = new AtomicInteger();
  private final Map<String, String> environment = new TreeMap<>();
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 0);
    server.createContext("/api/2.0/mlflow/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String endpoint = exchange.getRequestURI().getPath().substring("/api/2.0/mlflow/".length());
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        reply(exchange, 503, "{\"error_code\": \"TEMPORARILY_UNAVAILABLE\"}");
        return;
      }
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      calls.add(new Call(endpoint, authorization, JSON.readTree(body.isEmpty() ? "{}" : body)));
      switch (endpoint) {
        case "experiments/get-by-name" ->
            reply(exchange, 404, "{\"error_code\": \"RESOURCE_DOES_NOT_EXIST\"}");
        case "experiments/create" -> reply(exchange, 200, "{\"experiment_id\": \"7\"}");
        case "runs/create" ->
            reply(
                exchange,
                200,
                "{\"run\": {\"info\": {\"run_id\": \"abc\", \"status\": \"RUNNING\"}}}");
        case "runs/log-batch", "runs/update" -> reply(exchange, 200, "{}");
        default -> reply(exchange, 404, "{\"error_code\": \"ENDPOINT_NOT_FOUND\"}");
      }
    }
  }

  private static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private MlflowExport export() {
    var params = new TreeMap<>(Map.of("seed", "1", "long", "x".repeat(600)));
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    return new MlflowExport(
        new MlflowServer(address, environment),
        MlflowState.of(directory),
        "mine",
        "run-1",
        params,
        Clock.systemUTC());
  }

  private Call next(String endpoint) throws InterruptedException {
    Call call = calls.poll(30, TimeUnit.SECONDS);
    assertNotNull(call, "no call of " + endpoint);
    assertEquals(endpoint, call.endpoint());
    return call;
  }

  private static StepMetrics step(long number, double reward) {
    return new StepMetrics("grpo", number, 9, number, Map.of("reward/mean", reward));
  }

  @Test
  void makesARunAndLogsItsParametersAndMetrics() throws Exception {
    try (MlflowExport export = export()) {
      export.add(step(1, 0.25));

      next("experiments/get-by-name");
      assertEquals("mine", next("experiments/create").body().path("name").asText());
      JsonNode run = next("runs/create").body();
      assertEquals("7", run.path("experiment_id").asText());
      assertEquals("run-1", run.path("run_name").asText());
      JsonNode params = next("runs/log-batch").body().path("params");
      assertEquals("long", params.at("/0/key").asText());
      assertEquals(500, params.at("/0/value").asText().length());
      JsonNode batch = next("runs/log-batch").body();
      assertEquals("abc", batch.path("run_id").asText());
      assertEquals("grpo/reward/mean", batch.at("/metrics/0/key").asText());
      assertEquals(0.25, batch.at("/metrics/0/value").asDouble());
      assertEquals(1, batch.at("/metrics/0/step").asInt());
      assertTrue(batch.at("/metrics/0/timestamp").asLong() > 0);

      export.end(true);
      JsonNode update = next("runs/update").body();
      assertEquals("FINISHED", update.path("status").asText());
    }
  }

  @Test
  void aResumedRunGoesOnThereAndSaysNothingTwice() throws Exception {
    try (MlflowExport export = export()) {
      export.add(step(1, 0.5));
      export.end(false);
      for (Call call = calls.poll(30, TimeUnit.SECONDS);
          !call.endpoint().equals("runs/update");
          call = calls.poll(30, TimeUnit.SECONDS)) {}
    }

    try (MlflowExport export = export()) {
      export.add(step(1, 0.5));
      export.add(step(2, 0.75));

      JsonNode batch = next("runs/log-batch").body();
      assertEquals(1, batch.path("metrics").size());
      assertEquals(2, batch.at("/metrics/0/step").asInt());
    }
  }

  @Test
  void sendsAgainWhatAServerThatWasAwayDidNotTake() throws Exception {
    refusals.set(2);
    try (MlflowExport export = export()) {
      export.add(step(1, Double.NaN));

      next("experiments/get-by-name");
      next("experiments/create");
      next("runs/create");
      next("runs/log-batch");
      assertEquals("NaN", next("runs/log-batch").body().at("/metrics/0/value").asText());
      assertEquals(2, export.failures());
      String complaint = export.complaints().get(0);
      assertTrue(complaint.contains("answered 503") && complaint.contains("sent again"), complaint);
      assertEquals(0, export.complaints().size(), "told once");
    }
  }

  @Test
  void presentsATokenFromTheEnvironment() throws Exception {
    environment.put("MLFLOW_TRACKING_TOKEN", "secret");
    try (MlflowExport export = export()) {
      export.add(step(1, 1));
      assertEquals("Bearer secret", next("experiments/get-by-name").authorization());
    }
  }
}

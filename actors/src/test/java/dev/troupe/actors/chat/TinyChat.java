package dev.troupe.actors.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A real engine with a random decoder of a few hundred numbers behind the endpoint. */
final class TinyChat implements AutoCloseable {
  static final JsonMapper JSON = new JsonMapper();
  static final CharacterTokenizer TOKENIZER = new CharacterTokenizer("0123456789>");
  static final DecoderConfig CONFIG =
      new DecoderConfig(
          "llama",
          TOKENIZER.vocabSize(),
          8,
          1,
          2,
          2,
          4,
          16,
          48,
          1e-5,
          10_000,
          false,
          false,
          false,
          false,
          false,
          0,
          0,
          List.of(2),
          2,
          DecoderTraits.PLAIN);
  static final PromptTokens PROMPTS = new PromptTokens(TOKENIZER, CONFIG);

  private final HttpClient client = HttpClient.newHttpClient();
  private final Accelerator accelerator = Accelerator.of("cpu", 1);
  final DecoderWeights weights = DecoderWeights.random(accelerator, CONFIG, 5);
  final GenerationEngine engine = new GenerationEngine(accelerator, CONFIG, NumericType.FP32);
  private final ModelServer server;

  TinyChat(Optional<String> token) {
    engine.adopt(weights);
    var options =
        new ModelServer.Options("tiny", "127.0.0.1", 0, token, 64, Duration.ofSeconds(50), 7);
    server = ModelServer.open(options, engine, PROMPTS, Clock.systemUTC());
  }

  HttpResponse<String> send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    return send(client, URI.create(server.address() + path), method, body, headers);
  }

  static HttpResponse<String> send(
      HttpClient client, URI uri, String method, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(50))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  JsonNode chat(String body) throws IOException, InterruptedException {
    HttpResponse<String> response = send("POST", "/chat/completions", body);
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + ": " + response.body());
    }
    return JSON.readTree(response.body());
  }

  @Override
  public void close() {
    server.close();
    engine.close();
    weights.close();
    accelerator.close();
  }
}

package dev.troupe.actors.generator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.checkpoint.PeftAdapter;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Speaks the endpoints of vLLM and SGLang as their documentation says, and decodes with the engine.
 * Stop texts are left out: the tests have none.
 */
final class StubServer implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  /** What it does with new weights. */
  enum Manner {
    /** Takes them up. */
    HONEST,
    /** Says that it has taken them up, and keeps the old ones. */
    DEAF,
    /** Refuses them. */
    UNWILLING,
    /** Refuses the first of several completions for want of room, as behind a gateway. */
    BUSY,
    /** Does not answer when a completion is asked for. */
    SILENT,
    /** Answers with what is no JSON. */
    GARBLED,
    /** Leaves the log-probabilities out. */
    BARE,
    /** Samples a token that the model has not. */
    FOREIGN,
    /** Gives up completions. */
    ABORTING
  }

  private final HttpServer server;
  private final Accelerator accelerator = Accelerator.of("cpu", 1);
  private final Map<String, Path> adapters = new LinkedHashMap<>();
  private final List<String> calls = new ArrayList<>();
  private final Map<String, JsonNode> newest = new LinkedHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final LoadedModel base;
  private final GenerationEngine engine;
  private String loaded = "base";
  private String path;
  private Manner manner = Manner.HONEST;

  /**
   * @param model directory that it is started with
   */
  StubServer(Path model) throws IOException {
    base = HuggingFaceDirectory.load(model);
    path = model.toString();
    engine = new GenerationEngine(accelerator, base.config(), NumericType.FP32);
    take(base);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  synchronized void behave(Manner other) {
    manner = other;
  }

  /** The places that were called, in order. */
  synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  /** What was posted to a place last. */
  synchronized JsonNode newest(String place) {
    return newest.get(place);
  }

  private synchronized boolean is(Manner one) {
    return manner == one;
  }

  private void take(LoadedModel model) {
    try (DecoderWeights weights = DecoderWeights.load(accelerator, model)) {
      engine.adopt(weights);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      JsonNode request = body.length == 0 ? null : JSON.readTree(body);
      int[] status = {200};
      String place = exchange.getRequestURI().getPath();
      if (is(Manner.SILENT) && isCompletion(place)) {
        closed.await(1, TimeUnit.MINUTES);
        return;
      }
      byte[] bytes = answer(place, request, status).getBytes(UTF_8);
      exchange.sendResponseHeaders(status[0], bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isCompletion(String place) {
    return place.equals("/generate") || place.equals("/v1/completions");
  }

  private synchronized String answer(String place, JsonNode request, int[] status) {
    calls.add(place);
    newest.put(place, request);
    if (isCompletion(place) && manner == Manner.BUSY) {
      manner = Manner.HONEST;
      status[0] = 503;
      return "{\"error\": \"too many requests\"}";
    }
    if (isCompletion(place) && manner == Manner.GARBLED) {
      return "<html>a gateway</html>";
    }
    switch (place) {
      case "/update_weights_from_disk":
        if (manner == Manner.UNWILLING) {
          status[0] = 400;
          return "{\"success\": false, \"message\": \"no room\"}";
        }
        path = request.path("model_path").asText();
        if (manner == Manner.HONEST) {
          take(HuggingFaceDirectory.load(Path.of(path)));
        }
        return "{\"success\": true, \"message\": \"Succeeded to update model weights.\"}";
      case "/get_model_info":
        return JSON.createObjectNode().put("model_path", path).toString();
      case "/v1/load_lora_adapter":
        String name = request.path("lora_name").asText();
        if (adapters.containsKey(name)) {
          status[0] = 400;
          return "{\"error\": {\"message\": \"The lora adapter '%s' has already been loaded.\"}}"
              .formatted(name);
        }
        adapters.put(name, Path.of(request.path("lora_path").asText()));
        loaded = "base"; // What an adapter of this name was before is not it.
        // It answers with a sentence, not with JSON.
        return "Success: LoRA adapter '%s' added successfully.".formatted(name);
      case "/v1/unload_lora_adapter":
        adapters.remove(request.path("lora_name").asText());
        return "Success: LoRA adapter removed.";
      case "/v1/models":
        ObjectNode models = JSON.createObjectNode().put("object", "list");
        ArrayNode data = models.putArray("data");
        adapters.keySet().forEach(id -> data.addObject().put("id", id));
        return models.toString();
      case "/generate":
        return sglang(request).toString();
      case "/v1/completions":
        return vllm(request).toString();
      default:
        status[0] = 404;
        return "{}";
    }
  }

  private Completion complete(JsonNode ids, JsonNode sampling, int maxTokens, long seed) {
    int[] prompt = new int[ids.size()];
    for (int t = 0; t < prompt.length; t++) {
      prompt[t] = ids.get(t).intValue();
    }
    var stop = new ArrayList<Integer>();
    sampling.path("stop_token_ids").forEach(id -> stop.add(id.intValue()));
    var how =
        new Sampling(
            sampling.path("temperature").doubleValue(), 0, 1, 0, 1, maxTokens, stop, List.of());
    return engine
        .generate(List.of(new GenerationRequest(seed, prompt, 1)), how, 0, null)
        .get(0)
        .get(0);
  }

  private ObjectNode sglang(JsonNode request) {
    JsonNode sampling = request.path("sampling_params");
    Completion completion =
        complete(
            request.path("input_ids"),
            sampling,
            sampling.path("max_new_tokens").intValue(),
            sampling.path("sampling_seed").longValue());
    ObjectNode answer = JSON.createObjectNode().put("text", "");
    ArrayNode outputs = answer.putArray("output_ids");
    ObjectNode meta = answer.putObject("meta_info");
    if (manner == Manner.BARE) {
      return answer;
    }
    ArrayNode drawn = meta.putArray("output_token_logprobs");
    int[] tokens = drawn(completion);
    for (int t = 0; t < tokens.length; t++) {
      outputs.add(tokens[t]);
      drawn.addArray().add(completion.logps()[t]).add(tokens[t]).addNull();
    }
    ObjectNode reason = meta.putObject("finish_reason");
    if (manner == Manner.ABORTING) {
      reason.put("type", "abort").put("message", "Abort before prefill");
    } else if (completion.finish() == FinishReason.LENGTH) {
      reason.put("type", "length").put("length", tokens.length);
    } else {
      reason.put("type", "stop").put("matched", tokens[tokens.length - 1]);
    }
    return answer;
  }

  private int[] drawn(Completion completion) {
    int[] tokens = completion.tokens().clone();
    if (manner == Manner.FOREIGN) {
      tokens[0] = base.config().vocabSize();
    }
    return tokens;
  }

  private ObjectNode vllm(JsonNode request) {
    String name = request.path("model").asText();
    if (!name.equals(loaded)) {
      PeftAdapter adapter = PeftAdapter.load(adapters.get(name));
      try (DecoderWeights adapted =
          DecoderWeights.of(accelerator, base.config(), adapter.lora(), adapter.over(base))) {
        engine.adopt(adapted);
      }
      loaded = name;
    }
    Completion completion =
        complete(
            request.path("prompt"),
            request,
            request.path("max_tokens").intValue(),
            request.path("seed").longValue());
    ObjectNode answer = JSON.createObjectNode().put("object", "text_completion");
    ObjectNode choice = answer.putArray("choices").addObject().put("index", 0).put("text", "");
    if (manner == Manner.BARE) {
      return answer;
    }
    ObjectNode logps = choice.putObject("logprobs");
    ArrayNode chances = logps.putArray("token_logprobs");
    ArrayNode ids = choice.putArray("token_ids");
    int[] tokens = drawn(completion);
    for (int t = 0; t < tokens.length; t++) {
      ids.add(tokens[t]);
      chances.add(completion.logps()[t]);
    }
    boolean isCut = completion.finish() == FinishReason.LENGTH;
    choice.put("finish_reason", isCut ? "length" : "stop").putNull("stop_reason");
    return answer;
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    engine.close();
    accelerator.close();
  }
}

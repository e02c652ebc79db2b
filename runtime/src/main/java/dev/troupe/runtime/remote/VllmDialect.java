package dev.troupe.runtime.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.http.CallException;
import dev.troupe.runtime.http.JsonCaller;
import java.nio.file.Path;
import java.util.Optional;

/**
 * vLLM's OpenAI-compatible server: {@code /v1/completions} with {@code return_token_ids}, and
 * weights as LoRA adapters ({@code /v1/load_lora_adapter}, which it has with {@code
 * VLLM_ALLOW_RUNTIME_LORA_UPDATING=True} and {@code --enable-lora}). Every request names the
 * adapter, so the server cannot answer with other weights.
 */
final class VllmDialect implements RemoteDialect {
  @Override
  public String completions() {
    return "/v1/completions";
  }

  @Override
  public ObjectNode ask(Wanted wanted, Sampling sampling, String model) {
    ObjectNode json = JsonCaller.JSON.createObjectNode();
    json.put("model", model);
    Answers.ids(json.putArray("prompt"), wanted.prompt());
    json.put("n", 1);
    json.put("max_tokens", wanted.maxTokens());
    json.put("seed", wanted.seed());
    json.put("logprobs", 1);
    json.put("return_token_ids", true);
    Answers.sampling(json, sampling);
    return json;
  }

  @Override
  public Completion read(JsonNode answer, Wanted wanted) throws CallException {
    JsonNode choice = answer.path("choices").path(0);
    JsonNode ids = choice.path("token_ids");
    JsonNode logps = choice.path("logprobs").path("token_logprobs");
    if (!ids.isArray() || !logps.isArray()) {
      throw new CallException(
          "its answer has no token_ids and token_logprobs; it must be a vLLM that knows return_token_ids (0.10.2 or newer)",
          false);
    }
    int[] tokens = new int[ids.size()];
    float[] chances = new float[logps.size()];
    for (int t = 0; t < tokens.length; t++) {
      tokens[t] = ids.get(t).intValue();
    }
    for (int t = 0; t < chances.length; t++) {
      chances[t] = (float) logps.get(t).doubleValue();
    }
    FinishReason finish =
        choice.path("finish_reason").asText().equals("length")
            ? FinishReason.LENGTH
            : choice.path("stop_reason").isTextual()
                ? FinishReason.STOP_STRING
                : FinishReason.STOP_TOKEN;
    return Answers.completion(wanted.sample(), tokens, chances, finish);
  }

  @Override
  public boolean takesAdapters() {
    return true;
  }

  @Override
  public String reload() {
    return "/v1/load_lora_adapter";
  }

  @Override
  public ObjectNode announce(String name, Path directory) {
    return JsonCaller.JSON
        .createObjectNode()
        .put("lora_name", name)
        .put("lora_path", directory.toString());
  }

  @Override
  public Optional<String> unload() {
    return Optional.of("/v1/unload_lora_adapter");
  }

  @Override
  public String held() {
    return "/v1/models";
  }

  @Override
  public boolean holds(JsonNode answer, String name, Path directory) {
    for (JsonNode model : answer.path("data")) {
      if (model.path("id").asText().equals(name)) {
        return true;
      }
    }
    return false;
  }
}

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
 * SGLang's native interface: {@code /generate} with token ids, and whole checkpoints by {@code
 * /update_weights_from_disk}. It tells the path of what it holds at {@code /get_model_info}.
 */
final class SglangDialect implements RemoteDialect {
  @Override
  public String completions() {
    return "/generate";
  }

  @Override
  public ObjectNode ask(Wanted wanted, Sampling sampling, String model) {
    ObjectNode json = JsonCaller.JSON.createObjectNode();
    Answers.ids(json.putArray("input_ids"), wanted.prompt());
    json.put("return_logprob", true);
    ObjectNode parameters = json.putObject("sampling_params");
    parameters.put("n", 1);
    parameters.put("max_new_tokens", wanted.maxTokens());
    parameters.put("sampling_seed", wanted.seed());
    Answers.sampling(parameters, sampling);
    return json;
  }

  @Override
  public Completion read(JsonNode answer, Wanted wanted) throws CallException {
    JsonNode meta = answer.path("meta_info");
    JsonNode drawn = meta.path("output_token_logprobs");
    if (!drawn.isArray()) {
      throw new CallException("its answer has no meta_info.output_token_logprobs", false);
    }
    int[] tokens = new int[drawn.size()];
    float[] logps = new float[drawn.size()];
    for (int t = 0; t < tokens.length; t++) {
      logps[t] = (float) drawn.get(t).path(0).doubleValue();
      tokens[t] = drawn.get(t).path(1).intValue();
    }
    JsonNode reason = meta.path("finish_reason");
    String type = reason.path("type").asText();
    if (!type.equals("stop") && !type.equals("length")) {
      throw new CallException("it ended a completion by \"" + type + "\"", true);
    }
    FinishReason finish =
        type.equals("length")
            ? FinishReason.LENGTH
            : reason.path("matched").isTextual()
                ? FinishReason.STOP_STRING
                : FinishReason.STOP_TOKEN;
    return Answers.completion(wanted.sample(), tokens, logps, finish);
  }

  @Override
  public boolean takesAdapters() {
    return false;
  }

  @Override
  public String reload() {
    return "/update_weights_from_disk";
  }

  @Override
  public ObjectNode announce(String name, Path directory) {
    return JsonCaller.JSON
        .createObjectNode()
        .put("model_path", directory.toString())
        .put("flush_cache", true);
  }

  @Override
  public Optional<String> unload() {
    return Optional.empty();
  }

  @Override
  public String held() {
    return "/get_model_info";
  }

  @Override
  public boolean holds(JsonNode answer, String name, Path directory) {
    return answer.path("model_path").asText().equals(directory.toString());
  }
}

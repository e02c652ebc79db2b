package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.model.DecoderConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code config.json} of the transformers library for the {@link DecoderConfig#FAMILIES}. The sizes
 * and the norm's epsilon must be there; other absent keys mean what they mean in the family's own
 * class of transformers, except that an absent token id is none. A key that asks for mathematics
 * the decoder does not have is refused, a key without influence on it is ignored.
 */
public final class HuggingFaceConfig {
  /** Our own key: outputs of the head {@code score} beside the language-model head. */
  static final String SCORES = "troupe_scores";

  private HuggingFaceConfig() {}

  /**
   * Reads a {@code config.json}.
   *
   * @throws CheckpointException listing every missing, malformed and unsupported key
   */
  public static DecoderConfig read(Path file) {
    JsonNode root = StrictJson.read(file);
    var keys = new ConfigKeys(file, root);
    String family = root.path("model_type").asText();
    if (!DecoderConfig.FAMILIES.contains(family)) {
      keys.unsupported("model_type", root.path("model_type"), oneOf(DecoderConfig.FAMILIES));
      keys.throwIfAny();
    }
    ConfigFamily reader = ConfigFamily.ALL.get(family);
    refuseOtherModels(keys, reader.architecture(), family);
    var draft = new DecoderDraft(family);
    reader.read(keys, draft);
    // From here on the values are what the file says, so a contradiction among them is worth
    // naming.
    keys.throwIfAny();
    try {
      return draft.finish();
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Writes a {@code config.json} that transformers loads as the same decoder.
   *
   * @param dtype the type in which the weights are stored
   * @throws CheckpointException if the file cannot be written
   */
  public static void write(Path file, DecoderConfig config, TensorType dtype) {
    StrictJson.write(file, toJson(config, dtype));
  }

  private static void refuseOtherModels(ConfigKeys keys, String architecture, String family) {
    keys.supportOnly(
        "architectures",
        value -> value.size() == 1 && value.get(0).asText().equals(architecture),
        "[\"" + architecture + "\"]");
    keys.supportOnly("quantization_config", value -> false, "weights that are not quantized");
    // The code that Phi-3's first files point to has become a part of transformers.
    keys.supportOnly(
        "auto_map",
        value -> !value.has("AutoModelForCausalLM") || family.equals("phi3"),
        "built-in models");
  }

  private static ObjectNode toJson(DecoderConfig config, TensorType dtype) {
    ConfigFamily family = ConfigFamily.ALL.get(config.family());
    ObjectNode json = StrictJson.object();
    json.putArray("architectures").add(family.architecture());
    json.put("model_type", config.family());
    family.write(json, config);
    json.put("tie_word_embeddings", config.tiedHead());
    putTokens(json, "bos_token_id", config.bosToken() < 0 ? List.of() : List.of(config.bosToken()));
    putTokens(json, "eos_token_id", config.eosTokens());
    putTokens(json, "pad_token_id", config.padToken() < 0 ? List.of() : List.of(config.padToken()));
    json.put("torch_dtype", torchName(dtype));
    if (config.scores() > 0) {
      json.put(SCORES, config.scores());
    }
    return json;
  }

  /** None is an explicit null, because LlamaConfig takes an absent key for its own default ids. */
  private static void putTokens(ObjectNode json, String key, List<Integer> tokens) {
    switch (tokens.size()) {
      case 0 -> json.putNull(key);
      case 1 -> json.put(key, tokens.get(0));
      default -> tokens.forEach(json.putArray(key)::add);
    }
  }

  private static String torchName(TensorType dtype) {
    return switch (dtype) {
      case F32 -> "float32";
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      case F64, I64, I32, U8 ->
          throw new IllegalArgumentException("weights cannot be stored as " + dtype);
    };
  }

  private static String oneOf(List<String> names) {
    return "\"" + String.join("\", \"", names) + "\"";
  }
}

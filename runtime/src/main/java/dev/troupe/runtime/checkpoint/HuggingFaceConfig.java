package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.model.DecoderConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@code config.json} of the transformers library for Llama, Qwen2 and Qwen3. The sizes and the
 * norm's epsilon must be there; other absent keys mean what they mean in {@code LlamaConfig},
 * {@code Qwen2Config} and {@code Qwen3Config}, except that an absent token id is none. A key that
 * asks for mathematics the decoder does not have is refused, a key without influence on it is
 * ignored.
 */
public final class HuggingFaceConfig {
  /** Our own key: outputs of the head {@code score} beside the language-model head. */
  static final String SCORES = "troupe_scores";

  private static final Map<String, String> ARCHITECTURES =
      Map.of(
          "llama", "LlamaForCausalLM",
          "qwen2", "Qwen2ForCausalLM",
          "qwen3", "Qwen3ForCausalLM");

  /** What every one of the three configurations assumes when the key is absent. */
  private static final double DEFAULT_ROPE_THETA = 10_000;

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
    refuseOtherMathematics(keys, family);
    return decoder(file, keys, family);
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

  private static void refuseOtherMathematics(ConfigKeys keys, String family) {
    String architecture = ARCHITECTURES.get(family);
    keys.supportOnly(
        "architectures",
        value -> value.size() == 1 && value.get(0).asText().equals(architecture),
        "[\"" + architecture + "\"]");
    keys.supportOnly("hidden_act", value -> value.asText().equals("silu"), "\"silu\"");
    keys.supportOnly("pretraining_tp", value -> isNumber(value, 1), "1");
    keys.supportOnly("partial_rotary_factor", value -> isNumber(value, 1), "1.0");
    keys.supportOnly("attention_dropout", value -> isNumber(value, 0), "0.0");
    keys.supportOnly("quantization_config", value -> false, "weights that are not quantized");
    keys.supportOnly("auto_map", value -> !value.has("AutoModelForCausalLM"), "built-in models");
    keys.supportOnly("rope_scaling", HuggingFaceConfig::isPlainRope, "null");
    keys.supportOnly("rope_parameters", HuggingFaceConfig::isPlainRope, "rope_type \"default\"");
    keys.supportOnly(
        "layer_types", HuggingFaceConfig::isFullAttention, "\"full_attention\" in every layer");
    if (family.equals("llama")) {
      keys.supportOnly("sliding_window", value -> false, "null");
    } else {
      // In these families sliding_window is set but idle unless the switch beside it is on.
      keys.supportOnly("use_sliding_window", value -> isFlag(value, false), "false");
      keys.supportOnly("mlp_bias", value -> isFlag(value, false), "false");
    }
    if (family.equals("qwen2")) {
      keys.supportOnly("attention_bias", value -> isFlag(value, true), "true");
    }
  }

  private static DecoderConfig decoder(Path file, ConfigKeys keys, String family) {
    int width = keys.integer("hidden_size");
    int heads = keys.integer("num_attention_heads");
    boolean isLlama = family.equals("llama");
    // Only LlamaConfig derives the key/value heads; the others have a fixed number as their
    // default.
    int kvHeads =
        isLlama ? keys.integer("num_key_value_heads", heads) : keys.integer("num_key_value_heads");
    int headSize =
        family.equals("qwen3")
            ? keys.integer("head_dim")
            : keys.integer("head_dim", heads > 0 ? width / heads : 0);
    int vocabSize = keys.integer("vocab_size");
    int layers = keys.integer("num_hidden_layers");
    int feedForward = keys.integer("intermediate_size");
    int context = keys.integer("max_position_embeddings");
    double normEpsilon = keys.number("rms_norm_eps");
    double ropeTheta =
        keys.number(
            "rope_parameters.rope_theta",
            keys.get("rope_parameters").path("rope_theta"),
            keys.number("rope_theta", DEFAULT_ROPE_THETA));
    boolean tiedHead = keys.flag("tie_word_embeddings", false);
    boolean attentionBias = family.equals("qwen2") || keys.flag("attention_bias", false);
    boolean outputBias = !family.equals("qwen2") && attentionBias;
    boolean feedForwardBias = isLlama && keys.flag("mlp_bias", false);
    int scores = keys.integer(SCORES, 0);
    int bosToken = keys.integer("bos_token_id", -1);
    List<Integer> eosTokens = keys.integers("eos_token_id");
    int padToken = keys.integer("pad_token_id", -1);
    // From here on the values are what the file says, so a contradiction among them is worth
    // naming.
    keys.throwIfAny();
    try {
      return new DecoderConfig(
          family,
          vocabSize,
          width,
          layers,
          heads,
          kvHeads,
          headSize,
          feedForward,
          context,
          normEpsilon,
          ropeTheta,
          tiedHead,
          attentionBias,
          outputBias,
          feedForwardBias,
          family.equals("qwen3"),
          scores,
          bosToken,
          eosTokens,
          padToken);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file + ": " + e.getMessage(), e);
    }
  }

  private static ObjectNode toJson(DecoderConfig config, TensorType dtype) {
    ObjectNode json = StrictJson.object();
    json.putArray("architectures").add(ARCHITECTURES.get(config.family()));
    json.put("model_type", config.family());
    json.put("vocab_size", config.vocabSize());
    json.put("hidden_size", config.width());
    json.put("intermediate_size", config.feedForward());
    json.put("num_hidden_layers", config.layers());
    json.put("num_attention_heads", config.heads());
    json.put("num_key_value_heads", config.kvHeads());
    json.put("head_dim", config.headSize());
    json.put("max_position_embeddings", config.context());
    json.put("rms_norm_eps", config.normEpsilon());
    json.put("rope_theta", config.ropeTheta());
    json.putNull("rope_scaling");
    json.put("hidden_act", "silu");
    json.put("attention_dropout", 0.0);
    json.put("tie_word_embeddings", config.tiedHead());
    if (!config.family().equals("qwen2")) {
      json.put("attention_bias", config.attentionBias());
    }
    if (config.family().equals("llama")) {
      json.put("mlp_bias", config.feedForwardBias());
    } else {
      json.put("use_sliding_window", false);
    }
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

  private static boolean isPlainRope(JsonNode value) {
    return value.isObject()
        && value.path("rope_type").asText("default").equals("default")
        && value.path("type").asText("default").equals("default")
        && isNumber(value.path("partial_rotary_factor"), 1);
  }

  private static boolean isFullAttention(JsonNode layerTypes) {
    for (JsonNode layerType : layerTypes) {
      if (!layerType.asText().equals("full_attention")) {
        return false;
      }
    }
    return layerTypes.isArray();
  }

  private static boolean isNumber(JsonNode value, double expected) {
    return value.isMissingNode() || value.isNumber() && value.asDouble() == expected;
  }

  private static boolean isFlag(JsonNode value, boolean expected) {
    return value.isBoolean() && value.asBoolean() == expected;
  }

  private static String oneOf(List<String> names) {
    return "\"" + String.join("\", \"", names) + "\"";
  }
}

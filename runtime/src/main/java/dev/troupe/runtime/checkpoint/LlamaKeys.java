package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.model.RopeScaling;
import java.util.List;

/**
 * {@code config.json} of the families that compute what Llama does: Llama, Qwen2, Qwen3, Mistral
 * and Phi-3. They differ in which switches exist and in what an absent one means.
 *
 * @param family its {@code model_type}
 * @param architecture the class of transformers
 */
record LlamaKeys(String family, String architecture) implements ConfigFamily {
  private static final int DEFAULT_WINDOW = 4096;
  private static final int DEFAULT_WINDOW_LAYERS = 28;

  private boolean is(String... families) {
    return List.of(families).contains(family);
  }

  @Override
  public void read(ConfigKeys keys, DecoderDraft draft) {
    refuse(keys);
    draft.width = keys.integer("hidden_size");
    draft.heads = keys.integer("num_attention_heads");
    // Only these derive the key/value heads; the others have a fixed number as their default.
    draft.kvHeads =
        is("llama", "phi3")
            ? keys.integer("num_key_value_heads", draft.heads)
            : keys.integer("num_key_value_heads");
    draft.headSize =
        is("qwen3")
            ? keys.integer("head_dim")
            : keys.integer("head_dim", draft.heads > 0 ? draft.width / draft.heads : 0);
    draft.vocabSize = keys.integer("vocab_size");
    draft.layers = keys.integer("num_hidden_layers");
    draft.feedForward = keys.integer("intermediate_size");
    draft.context = keys.integer("max_position_embeddings");
    draft.normEpsilon = keys.number("rms_norm_eps");
    draft.attentionBias = is("qwen2") || is("llama", "qwen3") && keys.flag("attention_bias", false);
    draft.outputBias = !is("qwen2") && draft.attentionBias;
    draft.feedForwardBias = is("llama") && keys.flag("mlp_bias", false);
    draft.qkNorm = is("qwen3");
    draft.readTokens(keys, false);
    var rope = new RopeKeys(keys);
    draft.ropeTheta = rope.theta();
    double share = is("phi3") ? rope.share() : 1;
    RopeScaling scaling = rope.scaling(draft.context);
    List<Integer> windows = windows(keys, draft.layers);
    if (keys.areSound()) {
      draft.traits = DecoderTraits.PLAIN.withRotary(share, scaling).withWindows(windows);
    }
  }

  private void refuse(ConfigKeys keys) {
    keys.supportOnly("hidden_act", value -> value.asText().equals("silu"), "\"silu\"");
    keys.supportOnly("pretraining_tp", value -> isNumber(value, 1), "1");
    keys.supportOnly("attention_dropout", value -> isNumber(value, 0), "0.0");
    if (!is("phi3")) {
      keys.supportOnly("partial_rotary_factor", value -> isNumber(value, 1), "1.0");
      keys.within("rope_parameters")
          .supportOnly("partial_rotary_factor", value -> isNumber(value, 1), "1.0");
    }
    if (is("llama")) {
      keys.supportOnly("sliding_window", value -> false, "null");
    } else {
      keys.supportOnly("mlp_bias", value -> isFlag(value, false), "false");
    }
    if (is("qwen2", "mistral", "phi3")) {
      boolean biased = is("qwen2");
      keys.supportOnly("attention_bias", value -> isFlag(value, biased), String.valueOf(biased));
    }
  }

  private List<Integer> windows(ConfigKeys keys, int layers) {
    return switch (family) {
      case "mistral" ->
          WindowKeys.read(keys, layers, WindowKeys.width(keys, DEFAULT_WINDOW), layer -> true);
      case "phi3" -> WindowKeys.read(keys, layers, WindowKeys.width(keys, 0), layer -> true);
      case "qwen2", "qwen3" -> {
        // In these families a window is set but idle unless the switch beside it is on.
        boolean isOn = keys.flag("use_sliding_window", false);
        int first = keys.integer("max_window_layers", DEFAULT_WINDOW_LAYERS);
        int width = isOn ? WindowKeys.width(keys, DEFAULT_WINDOW) : 0;
        yield WindowKeys.read(keys, layers, width, layer -> layer >= first);
      }
      default -> WindowKeys.read(keys, layers, 0, layer -> false);
    };
  }

  @Override
  public void write(ObjectNode json, DecoderConfig config) {
    json.put("vocab_size", config.vocabSize());
    json.put("hidden_size", config.width());
    json.put("intermediate_size", config.feedForward());
    json.put("num_hidden_layers", config.layers());
    json.put("num_attention_heads", config.heads());
    json.put("num_key_value_heads", config.kvHeads());
    json.put("head_dim", config.headSize());
    json.put("max_position_embeddings", config.context());
    json.put("rms_norm_eps", config.normEpsilon());
    RopeKeys.write(json, config.ropeTheta(), config.traits().ropeScaling());
    json.put("hidden_act", "silu");
    json.put("attention_dropout", 0.0);
    if (is("llama", "qwen3")) {
      json.put("attention_bias", config.attentionBias());
    }
    if (is("llama")) {
      json.put("mlp_bias", config.feedForwardBias());
    }
    if (is("phi3")) {
      json.put("partial_rotary_factor", config.traits().rotaryShare());
      json.put("original_max_position_embeddings", config.context());
      json.put("embd_pdrop", 0.0);
      json.put("resid_pdrop", 0.0);
    }
    if (is("mistral", "phi3")) {
      WindowKeys.putWidth(json, config);
    }
    if (is("qwen2", "qwen3")) {
      boolean isOn = config.traits().window() > 0;
      json.put("use_sliding_window", isOn);
      if (isOn) {
        WindowKeys.putWidth(json, config);
        WindowKeys.putTypes(json, config);
      }
    }
  }

  static boolean isNumber(JsonNode value, double expected) {
    return value.isNumber() && value.asDouble() == expected;
  }

  static boolean isFlag(JsonNode value, boolean expected) {
    return value.isBoolean() && value.asBoolean() == expected;
  }
}

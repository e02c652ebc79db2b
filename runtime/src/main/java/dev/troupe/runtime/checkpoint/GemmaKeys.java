package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.model.DecoderTraits.FeedForward;
import dev.troupe.runtime.model.DecoderTraits.Norm;
import java.util.List;

/**
 * {@code config.json} of Gemma 2 and of the text models of Gemma 3.
 *
 * @param family its {@code model_type}
 * @param architecture the class of transformers
 */
record GemmaKeys(String family, String architecture) implements ConfigFamily {
  private static final String ACTIVATION = "gelu_pytorch_tanh";
  private static final int DEFAULT_WINDOW = 4096;
  private static final int DEFAULT_PATTERN = 6;
  private static final double DEFAULT_QUERY_SCALAR = 256;
  private static final double GEMMA2_ATTENTION_CAP = 50;
  private static final double GEMMA2_LOGIT_CAP = 30;

  private boolean isThird() {
    return family.equals("gemma3_text");
  }

  @Override
  public void read(ConfigKeys keys, DecoderDraft draft) {
    keys.supportOnly(
        "hidden_activation", value -> value.asText().equals(ACTIVATION), "\"" + ACTIVATION + "\"");
    keys.supportOnly("attention_dropout", value -> LlamaKeys.isNumber(value, 0), "0.0");
    keys.supportOnly(
        "use_bidirectional_attention", value -> LlamaKeys.isFlag(value, false), "false");
    draft.width = keys.integer("hidden_size");
    draft.heads = keys.integer("num_attention_heads");
    draft.kvHeads = keys.integer("num_key_value_heads");
    draft.headSize = keys.integer("head_dim");
    draft.vocabSize = keys.integer("vocab_size");
    draft.layers = keys.integer("num_hidden_layers");
    draft.feedForward = keys.integer("intermediate_size");
    draft.context = keys.integer("max_position_embeddings");
    draft.normEpsilon = keys.number("rms_norm_eps");
    draft.attentionBias = keys.flag("attention_bias", false);
    draft.outputBias = draft.attentionBias;
    draft.qkNorm = isThird();
    draft.readTokens(keys, true);
    var rope = new RopeKeys(keys);
    draft.ropeTheta = isThird() && !hasTheta(keys) ? 1e6 : rope.theta();
    var scaling = rope.scaling(draft.context);
    double localTheta = isThird() ? rope.localTheta() : 0;
    List<Integer> windows = windows(keys, draft.layers);
    double scalar = keys.number("query_pre_attn_scalar", DEFAULT_QUERY_SCALAR);
    double attentionCap = cap(keys, "attn_logit_softcapping", isThird() ? 0 : GEMMA2_ATTENTION_CAP);
    double logitCap = cap(keys, "final_logit_softcapping", isThird() ? 0 : GEMMA2_LOGIT_CAP);
    if (keys.areSound()) {
      draft.traits =
          new DecoderTraits(
              Norm.RMS_PLUS_ONE,
              FeedForward.GATED_GELU,
              true,
              true,
              false,
              1,
              scaling,
              localTheta,
              windows,
              scalar,
              attentionCap,
              logitCap);
    }
  }

  private static boolean hasTheta(ConfigKeys keys) {
    return keys.has("rope_theta") || keys.has("rope_parameters");
  }

  private List<Integer> windows(ConfigKeys keys, int layers) {
    int width = WindowKeys.width(keys, DEFAULT_WINDOW);
    int pattern =
        isThird()
            ? keys.integer(
                "sliding_window_pattern", keys.integer("_sliding_window_pattern", DEFAULT_PATTERN))
            : 2;
    return WindowKeys.read(keys, layers, width, layer -> pattern > 0 && (layer + 1) % pattern != 0);
  }

  private static double cap(ConfigKeys keys, String key, double absent) {
    return keys.isNull(key) ? 0 : keys.number(key, absent);
  }

  @Override
  public void write(ObjectNode json, DecoderConfig config) {
    DecoderTraits traits = config.traits();
    json.put("vocab_size", config.vocabSize());
    json.put("hidden_size", config.width());
    json.put("intermediate_size", config.feedForward());
    json.put("num_hidden_layers", config.layers());
    json.put("num_attention_heads", config.heads());
    json.put("num_key_value_heads", config.kvHeads());
    json.put("head_dim", config.headSize());
    json.put("max_position_embeddings", config.context());
    json.put("rms_norm_eps", config.normEpsilon());
    RopeKeys.write(json, config.ropeTheta(), traits.ropeScaling());
    if (isThird()) {
      json.put("rope_local_base_freq", traits.localTheta());
    }
    json.put("hidden_activation", ACTIVATION);
    json.put("hidden_act", ACTIVATION);
    json.put("attention_dropout", 0.0);
    json.put("attention_bias", config.attentionBias());
    json.put("query_pre_attn_scalar", traits.queryScalar());
    putCap(json, "attn_logit_softcapping", traits.attentionCap());
    putCap(json, "final_logit_softcapping", traits.logitCap());
    WindowKeys.putWidth(json, config);
    WindowKeys.putTypes(json, config);
  }

  private static void putCap(ObjectNode json, String key, double cap) {
    if (cap > 0) {
      json.put(key, cap);
    } else {
      json.putNull(key);
    }
  }
}

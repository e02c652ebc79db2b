package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.model.DecoderTraits.FeedForward;
import dev.troupe.runtime.model.DecoderTraits.Norm;
import dev.troupe.runtime.model.RopeScaling;
import java.util.List;

/** {@code config.json} of GPT-2. Its rates of dropout are ignored: nothing is dropped here. */
final class Gpt2Keys implements ConfigFamily {
  /** Of a decoder that rotates nothing; any positive number would do. */
  private static final double NO_THETA = 10_000;

  private static final double DEFAULT_EPSILON = 1e-5;

  @Override
  public String architecture() {
    return "GPT2LMHeadModel";
  }

  @Override
  public void read(ConfigKeys keys, DecoderDraft draft) {
    keys.supportOnly(
        "activation_function",
        value -> List.of("gelu_new", "gelu_pytorch_tanh").contains(value.asText()),
        "\"gelu_new\"");
    keys.supportOnly("scale_attn_weights", value -> LlamaKeys.isFlag(value, true), "true");
    for (String key :
        List.of(
            "scale_attn_by_inverse_layer_idx", "reorder_and_upcast_attn", "add_cross_attention")) {
      keys.supportOnly(key, value -> LlamaKeys.isFlag(value, false), "false");
    }
    draft.width = keys.integer("n_embd");
    draft.heads = keys.integer("n_head");
    draft.kvHeads = draft.heads;
    draft.headSize = draft.heads > 0 ? draft.width / draft.heads : 0;
    draft.vocabSize = keys.integer("vocab_size");
    draft.layers = keys.integer("n_layer");
    draft.feedForward = keys.integer("n_inner", 4 * draft.width);
    draft.context = keys.integer("n_positions");
    draft.normEpsilon = keys.number("layer_norm_epsilon", DEFAULT_EPSILON);
    draft.ropeTheta = NO_THETA;
    draft.attentionBias = true;
    draft.outputBias = true;
    draft.feedForwardBias = true;
    draft.readTokens(keys, true);
    draft.traits =
        new DecoderTraits(
            Norm.LAYER,
            FeedForward.GELU,
            false,
            false,
            true,
            1,
            RopeScaling.NONE,
            0,
            List.of(),
            0,
            0,
            0);
  }

  @Override
  public void write(ObjectNode json, DecoderConfig config) {
    json.put("vocab_size", config.vocabSize());
    json.put("n_embd", config.width());
    json.put("n_inner", config.feedForward());
    json.put("n_layer", config.layers());
    json.put("n_head", config.heads());
    json.put("n_positions", config.context());
    json.put("n_ctx", config.context());
    json.put("layer_norm_epsilon", config.normEpsilon());
    json.put("activation_function", "gelu_new");
    json.put("scale_attn_weights", true);
    json.put("attn_pdrop", 0.0);
    json.put("embd_pdrop", 0.0);
    json.put("resid_pdrop", 0.0);
  }
}

package dev.troupe.runtime.gguf;

import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.RopeScaling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A decoder in llama.cpp's words: its shape as metadata, its tensors under their names there. */
final class GgufDecoder {
  /** Hugging Face module within a layer to llama.cpp's, in the order in which they are written. */
  private static final List<Map.Entry<String, String>> MODULES =
      List.of(
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("post_attention_layernorm", "ffn_norm"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"));

  /** By family: whose code of llama.cpp computes it. Mistral is a Llama there, without windows. */
  private static final SortedMap<String, String> ARCHITECTURES =
      new TreeMap<>(
          Map.of("llama", "llama", "mistral", "llama", "qwen2", "qwen2", "qwen3", "qwen3"));

  /** A multiple of the blocks of every type and of what kernels read at once. */
  private static final int ROW = 32;

  private final DecoderConfig config;
  private final Map<String, HostTensor> weights;

  /**
   * @throws CheckpointException if llama.cpp's code for the family has no place for a part of it
   */
  GgufDecoder(LoadedModel model) {
    this.config = model.config();
    this.weights = model.tensors();
    var faults = new ArrayList<String>();
    if (config.scores() > 0) {
      faults.add("a score head (a value or reward model)");
    }
    if (!ARCHITECTURES.containsKey(config.family())) {
      throw new CheckpointException(
          "models of the family %s cannot be written as GGUF yet, only %s; export the model with --format hugging-face instead."
              .formatted(config.family(), String.join(", ", ARCHITECTURES.keySet())));
    }
    if (config.traits().window() > 0 && config.traits().window() < config.context()) {
      faults.add(
          "a window of %d tokens in the family %s"
              .formatted(config.traits().window(), config.family()));
    }
    if (config.traits().ropeScaling() instanceof RopeScaling.Dynamic
        || config.traits().ropeScaling() instanceof RopeScaling.Llama3
        || config.traits().ropeScaling() instanceof RopeScaling.Yarn) {
      faults.add("the scaling of rotary positions " + config.traits().ropeScaling());
    }
    boolean isLlama = architecture().equals("llama");
    if (!isLlama && config.outputBias()) {
      faults.add("a bias of the attention's output in the family " + config.family());
    }
    if (config.family().equals("qwen3") && config.attentionBias()) {
      faults.add("attention biases in the family qwen3");
    }
    // Only weight matrices may have another width there: biases, and Qwen2, are width long.
    boolean isSquare = config.heads() * config.headSize() == config.width();
    if (!isSquare && (config.attentionBias() || config.family().equals("qwen2"))) {
      faults.add(
          "%d heads of size %d beside a width of %d"
              .formatted(config.heads(), config.headSize(), config.width()));
    }
    if (!faults.isEmpty()) {
      throw new CheckpointException(
          "llama.cpp has no place for %s; export the model with --format hugging-face instead."
              .formatted(String.join(" and ", faults)));
    }
  }

  /** Puts the shape. */
  void describe(GgufMetadata metadata, GgufType type) {
    String family = architecture();
    metadata
        .text("general.architecture", family)
        .count("general.file_type", type.fileCode())
        .count("general.quantization_version", 2)
        .count(family + ".vocab_size", config.vocabSize())
        .count(family + ".context_length", config.context())
        .count(family + ".embedding_length", config.width())
        .count(family + ".block_count", config.layers())
        .count(family + ".feed_forward_length", config.feedForward())
        .count(family + ".attention.head_count", config.heads())
        .count(family + ".attention.head_count_kv", config.kvHeads())
        .count(family + ".attention.key_length", config.headSize())
        .count(family + ".attention.value_length", config.headSize())
        .number(family + ".attention.layer_norm_rms_epsilon", config.normEpsilon())
        .count(family + ".rope.dimension_count", config.headSize())
        .number(family + ".rope.freq_base", config.ropeTheta());
    if (config.traits().ropeScaling() instanceof RopeScaling.Linear linear) {
      metadata
          .text(family + ".rope.scaling.type", "linear")
          .number(family + ".rope.scaling.factor", linear.factor());
    }
  }

  private String architecture() {
    return ARCHITECTURES.get(config.family());
  }

  /**
   * The tensors. Vectors stay in single precision, and so does a matrix whose rows are no multiple
   * of {@link #ROW}. Llama.cpp's own converter stores those in half precision, but its kernel for
   * the matrix unit of x86 processors (February 2025) reads past the end of such rows.
   */
  List<GgufTensor> tensors(GgufType type) {
    var tensors = new ArrayList<GgufTensor>();
    add(tensors, "model.embed_tokens", "token_embd", type);
    for (int layer = 0; layer < config.layers(); layer++) {
      for (Map.Entry<String, String> module : MODULES) {
        add(
            tensors,
            "model.layers." + layer + "." + module.getKey(),
            "blk." + layer + "." + module.getValue(),
            type);
      }
    }
    add(tensors, "model.norm", "output_norm", type);
    add(tensors, "lm_head", "output", type);
    return tensors;
  }

  private void add(List<GgufTensor> tensors, String from, String to, GgufType type) {
    for (String part : List.of(".weight", ".bias")) {
      HostTensor source = weights.get(from + part);
      if (source != null) {
        tensors.add(
            new GgufTensor(
                to + part, source.shape(), stored(source, type), () -> values(source, from)));
      }
    }
  }

  private static GgufType stored(HostTensor tensor, GgufType type) {
    long[] shape = tensor.shape();
    if (shape.length < 2) {
      return GgufType.F32;
    }
    return shape[shape.length - 1] % ROW == 0 ? type : GgufType.F32;
  }

  private float[] values(HostTensor source, String module) {
    float[] values = source.toFloats();
    if (architecture().equals("llama") && module.endsWith("q_proj")) {
      return pairsTogether(values, config.heads());
    }
    if (architecture().equals("llama") && module.endsWith("k_proj")) {
      return pairsTogether(values, config.kvHeads());
    }
    return values;
  }

  /**
   * The rows of a projection in the order in which llama.cpp's code for Llama turns them: it
   * rotates rows 2 i and 2 i + 1 of a head together, transformers rows i and i + half.
   */
  private float[] pairsTogether(float[] rows, int heads) {
    float[] permuted = new float[rows.length];
    int half = config.headSize() / 2;
    int length = rows.length / (heads * config.headSize());
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < config.headSize(); i++) {
        int from = head * config.headSize() + i;
        int to = head * config.headSize() + 2 * (i % half) + i / half;
        System.arraycopy(rows, from * length, permuted, to * length, length);
      }
    }
    return permuted;
  }
}

package dev.troupe.runtime.model;

import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.TensorType;
import dev.troupe.runtime.model.LoraSettings.Target;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How a decoder's tensors lie in the flat list of slots that tensor programs take.
 *
 * <p>Query, key and value projections share one slot, gate and up another, so that a block needs
 * four matrix products instead of seven. A slot is a sequence of whole Hugging Face tensors stacked
 * along the first axis; an absent tensor leaves its slot empty.
 */
final class WeightLayout {
  /** Slots of one block; the tensor programs use the same number. */
  static final int STRIDE = 30;

  private static final int FIRST_ADAPTER = 12;
  private static final int LAST_ADAPTER = 25;

  /**
   * One slot.
   *
   * @param index its place in the list
   * @param parts Hugging Face names of the tensors stacked in it, empty when the decoder has none
   * @param rows first-axis length of each part
   * @param columns second-axis length, 0 for vectors
   */
  record Slot(int index, List<String> parts, List<Integer> rows, int columns) {
    int totalRows() {
      return rows.stream().mapToInt(Integer::intValue).sum();
    }

    boolean isEmpty() {
      return parts.isEmpty();
    }

    boolean isMatrix() {
      return columns > 0;
    }

    /** The shape of one part. */
    long[] shape(int part) {
      return isMatrix() ? new long[] {rows.get(part), columns} : new long[] {rows.get(part)};
    }

    /** Number of values. */
    int length() {
      return totalRows() * Math.max(1, columns);
    }

    /** Values of this slot as one tensor for each part, under its name behind a prefix. */
    List<HostTensor> split(ByteBuffer bytes, String prefix) {
      var tensors = new ArrayList<HostTensor>();
      int offset = 0;
      for (int i = 0; i < parts.size(); i++) {
        int size = Float.BYTES * rows.get(i) * Math.max(1, columns);
        tensors.add(
            new HostTensor(
                prefix + parts.get(i), TensorType.F32, shape(i), bytes.slice(offset, size)));
        offset += size;
      }
      return tensors;
    }

    /** The inverse of {@link #split}, from tensors of single precision. */
    FloatBuffer join(String prefix, Map<String, HostTensor> tensors) {
      FloatBuffer values = FloatBuffer.allocate(length());
      for (String part : parts) {
        HostTensor tensor = tensors.get(prefix + part);
        if (tensor == null) {
          throw new IllegalArgumentException("tensor " + prefix + part + " is missing");
        }
        values.put(tensor.data().asFloatBuffer());
      }
      return values.flip();
    }
  }

  private final DecoderConfig config;
  private final LoraSettings lora;
  private final List<Slot> slots = new ArrayList<>();

  /**
   * @param lora the adapters, or null
   */
  WeightLayout(DecoderConfig config, LoraSettings lora) {
    this.config = config;
    this.lora = lora;
    matrix(config.vocabSize(), config.width(), "model.embed_tokens.weight");
    for (int layer = 0; layer < config.layers(); layer++) {
      block("model.layers." + layer + ".");
    }
    if (config.traits().learnedPositions()) {
      matrix(config.context(), config.width(), "model.embed_positions.weight");
    } else {
      empty();
    }
    vector(config.width(), isLayerNorm(), "model.norm.bias");
    vector(config.width(), true, "model.norm.weight");
    if (config.tiedHead()) {
      empty();
    } else {
      matrix(config.vocabSize(), config.width(), "lm_head.weight");
    }
    if (config.scores() > 0) {
      matrix(config.scores(), config.width(), "score.weight");
      vector(config.scores(), true, "score.bias");
    } else {
      empty();
      empty();
    }
  }

  List<Slot> slots() {
    return slots;
  }

  /** Whether the slot holds half of an adapter. */
  boolean isAdapter(Slot slot) {
    int inBlock = (slot.index() - 1) % STRIDE;
    return slot.index() >= 1
        && slot.index() < 1 + STRIDE * config.layers()
        && FIRST_ADAPTER <= inBlock
        && inBlock <= LAST_ADAPTER;
  }

  /** Whether the slot is the value or reward head. */
  boolean isScoreHead(Slot slot) {
    return slot.index() >= slots.size() - 2;
  }

  /** Refuses a layout that differs from this one, naming the first tensor that differs. */
  void requireSame(WeightLayout other) {
    Map<String, String> own = shapes();
    Map<String, String> others = other.shapes();
    var names = new TreeSet<>(own.keySet());
    names.addAll(others.keySet());
    for (String name : names) {
      String here = own.get(name);
      String there = others.get(name);
      if (!Objects.equals(here, there)) {
        throw new IllegalArgumentException(
            "weights of another layout cannot be copied in: tensor "
                + name
                + (here == null || there == null
                    ? " is on one side only"
                    : " is " + here + " here and " + there + " there"));
      }
    }
  }

  /** Name and shape of every tensor, adapters included. */
  SortedMap<String, long[]> tensorShapes() {
    var shapes = new TreeMap<String, long[]>();
    for (Slot slot : slots) {
      for (int i = 0; i < slot.parts().size(); i++) {
        shapes.put(slot.parts().get(i), slot.shape(i));
      }
    }
    return shapes;
  }

  private Map<String, String> shapes() {
    var shapes = new HashMap<String, String>();
    tensorShapes().forEach((name, shape) -> shapes.put(name, Arrays.toString(shape)));
    return shapes;
  }

  private boolean isLayerNorm() {
    return config.traits().norm() == DecoderTraits.Norm.LAYER;
  }

  private void block(String layer) {
    int q = config.heads() * config.headSize();
    int kv = config.kvHeads() * config.headSize();
    int d = config.width();
    int f = config.feedForward();
    String attention = layer + "self_attn.";
    String mlp = layer + "mlp.";
    boolean postNorms = config.traits().postNorms();
    String second = postNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm";
    vector(d, true, layer + "input_layernorm.weight");
    slot(
        List.of(
            attention + "q_proj.weight", attention + "k_proj.weight", attention + "v_proj.weight"),
        List.of(q, kv, kv),
        d);
    stackedBias(
        config.attentionBias(),
        List.of(attention + "q_proj.bias", attention + "k_proj.bias", attention + "v_proj.bias"),
        List.of(q, kv, kv));
    vector(config.headSize(), config.qkNorm(), attention + "q_norm.weight");
    vector(config.headSize(), config.qkNorm(), attention + "k_norm.weight");
    matrix(d, q, attention + "o_proj.weight");
    vector(d, config.outputBias(), attention + "o_proj.bias");
    vector(d, true, layer + second + ".weight");
    List<String> inner = isGated() ? List.of("gate_proj", "up_proj") : List.of("up_proj");
    List<Integer> innerRows = isGated() ? List.of(f, f) : List.of(f);
    slot(inner.stream().map(name -> mlp + name + ".weight").toList(), innerRows, d);
    stackedBias(
        config.feedForwardBias(),
        inner.stream().map(name -> mlp + name + ".bias").toList(),
        innerRows);
    matrix(d, f, mlp + "down_proj.weight");
    vector(d, config.feedForwardBias(), mlp + "down_proj.bias");
    adapters(layer);
    vector(d, isLayerNorm(), layer + "input_layernorm.bias");
    vector(d, isLayerNorm(), layer + second + ".bias");
    vector(d, postNorms, layer + "post_attention_layernorm.weight");
    vector(d, postNorms, layer + "post_feedforward_layernorm.weight");
  }

  private void adapters(String layer) {
    int q = config.heads() * config.headSize();
    int kv = config.kvHeads() * config.headSize();
    int d = config.width();
    int f = config.feedForward();
    int[][] adapted = {{q, d}, {kv, d}, {kv, d}, {d, q}, {f, d}, {f, d}, {d, f}};
    for (Target target : Target.values()) {
      int[] size = adapted[target.ordinal()];
      boolean isThere = target != Target.GATE || isGated();
      if (isThere && lora != null && lora.targets().contains(target)) {
        matrix(lora.rank(), size[1], layer + target.module() + ".lora_A.weight");
        matrix(size[0], lora.rank(), layer + target.module() + ".lora_B.weight");
      } else {
        empty();
        empty();
      }
    }
  }

  private boolean isGated() {
    return config.traits().feedForward().isGated();
  }

  private void matrix(int rows, int columns, String name) {
    slot(List.of(name), List.of(rows), columns);
  }

  private void vector(int length, boolean present, String name) {
    if (present) {
      slot(List.of(name), List.of(length), 0);
    } else {
      empty();
    }
  }

  private void stackedBias(boolean present, List<String> names, List<Integer> rows) {
    if (present) {
      slot(names, rows, 0);
    } else {
      empty();
    }
  }

  private void empty() {
    slot(List.of(), List.of(), 0);
  }

  private void slot(List<String> parts, List<Integer> rows, int columns) {
    slots.add(new Slot(slots.size(), parts, rows, columns));
  }
}

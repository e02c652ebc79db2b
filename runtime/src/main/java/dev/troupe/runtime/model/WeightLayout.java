package dev.troupe.runtime.model;

import dev.troupe.runtime.model.LoraSettings.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  static final int STRIDE = 26;

  private static final int FIRST_ADAPTER = 12;

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
        && inBlock >= FIRST_ADAPTER;
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

  private Map<String, String> shapes() {
    var shapes = new HashMap<String, String>();
    for (Slot slot : slots) {
      for (int i = 0; i < slot.parts().size(); i++) {
        shapes.put(slot.parts().get(i), slot.rows().get(i) + " x " + slot.columns());
      }
    }
    return shapes;
  }

  private void block(String layer) {
    int q = config.heads() * config.headSize();
    int kv = config.kvHeads() * config.headSize();
    int d = config.width();
    int f = config.feedForward();
    String attention = layer + "self_attn.";
    String mlp = layer + "mlp.";
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
    vector(d, true, layer + "post_attention_layernorm.weight");
    slot(List.of(mlp + "gate_proj.weight", mlp + "up_proj.weight"), List.of(f, f), d);
    stackedBias(
        config.feedForwardBias(),
        List.of(mlp + "gate_proj.bias", mlp + "up_proj.bias"),
        List.of(f, f));
    matrix(d, f, mlp + "down_proj.weight");
    vector(d, config.feedForwardBias(), mlp + "down_proj.bias");
    int[][] adapted = {{q, d}, {kv, d}, {kv, d}, {d, q}, {f, d}, {f, d}, {d, f}};
    for (Target target : Target.values()) {
      int[] size = adapted[target.ordinal()];
      if (lora != null && lora.targets().contains(target)) {
        matrix(lora.rank(), size[1], layer + target.module() + ".lora_A.weight");
        matrix(size[0], lora.rank(), layer + target.module() + ".lora_B.weight");
      } else {
        empty();
        empty();
      }
    }
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

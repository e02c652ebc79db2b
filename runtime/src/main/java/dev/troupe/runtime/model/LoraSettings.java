package dev.troupe.runtime.model;

import java.util.EnumSet;
import java.util.Set;

/**
 * Low-rank adaptation (Hu et al. 2021): a frozen matrix W gets a trainable B A with {@code W x +
 * (alpha / rank) B A x}.
 *
 * @param rank inner size r of A [r, in] and B [out, r], at least 1
 * @param alpha numerator of the scale
 * @param targets which projections of every block are adapted, at least one
 */
public record LoraSettings(int rank, double alpha, Set<Target> targets) {
  /** The linear layers of a block, in slot order. */
  public enum Target {
    Q("self_attn.q_proj"),
    K("self_attn.k_proj"),
    V("self_attn.v_proj"),
    O("self_attn.o_proj"),
    GATE("mlp.gate_proj"),
    UP("mlp.up_proj"),
    DOWN("mlp.down_proj");

    private final String module;

    Target(String module) {
      this.module = module;
    }

    /** The Hugging Face module name inside a layer, for instance {@code self_attn.q_proj}. */
    public String module() {
      return module;
    }
  }

  /** Refuses a rank below 1, an alpha that is not positive and an empty set of targets. */
  public LoraSettings {
    if (rank < 1 || !(alpha > 0) || targets.isEmpty()) {
      throw new IllegalArgumentException(
          "lora: rank = "
              + rank
              + ", alpha = "
              + alpha
              + ", targets = "
              + targets
              + "; wanted are a rank of at least 1, a positive alpha and at least one target");
    }
    targets = Set.copyOf(EnumSet.copyOf(targets));
  }

  /** The factor in front of B A. */
  public double scale() {
    return alpha / rank;
  }
}

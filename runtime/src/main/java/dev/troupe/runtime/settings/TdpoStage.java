package dev.troupe.runtime.settings;

import java.util.List;
import java.util.stream.Stream;

/**
 * Token-level direct preference optimization: DPO's pairs, and at each of their positions the
 * divergence of the policy from the reference over the whole vocabulary.
 *
 * @param name name of the stage
 * @param from stage whose weights it starts with, or {@code model}
 * @param steps optimizer steps
 * @param comparisons the completions that are compared
 * @param variant which of the two published losses
 * @param beta strength of the pull to the reference
 * @param alpha weight of the divergences in {@link Variant#TDPO2}; 1 in the other variant
 * @param reference stage that the loss is relative to
 * @param optimizer how the weights are moved
 */
public record TdpoStage(
    String name,
    String from,
    int steps,
    Comparisons comparisons,
    Variant variant,
    double beta,
    double alpha,
    String reference,
    OptimizerSettings optimizer)
    implements PreferenceStage, TokenRewardModel {

  /** The two published losses. */
  public enum Variant {
    /** The divergence on rejected completions, less that on chosen ones. */
    TDPO1,
    /** A share alpha of it, and no gradient from the divergence on chosen completions. */
    TDPO2
  }

  static TdpoStage from(Checked c, String name, Lineage lineage) {
    String from = lineage.weights(c, "from");
    Variant variant = c.choice("variant", Variant.class);
    if (variant == Variant.TDPO1) {
      c.refuseBeside("alpha", "variant");
    }
    return new TdpoStage(
        name,
        from,
        c.integer("steps", 0, SftStage.MAX_STEPS),
        Comparisons.from(c, lineage),
        variant,
        c.decimal("beta", 1e-4, 100.0),
        variant == Variant.TDPO2 ? c.decimal("alpha", 0.0, 100.0) : 1,
        c.optional("reference", key -> lineage.weights(c, key)).orElse(from),
        OptimizerSettings.from(c.section("optimizer")));
  }

  @Override
  public String kind() {
    return "tdpo";
  }

  @Override
  public int frozenModels() {
    return 1;
  }

  @Override
  public List<String> inputs() {
    return Stream.of(from, reference).distinct().toList();
  }
}

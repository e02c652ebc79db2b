package dev.troupe.runtime.settings;

/**
 * Dense token rewards, added to the reward of the completion.
 *
 * @param kind where the token rewards come from
 * @param model name of the earlier {@link TokenRewardModel} whose log-ratio to its own reference is
 *     the reward
 * @param beta1 weight of the log-ratio, per nat; 0 = off
 * @param clip bound of one token's reward; 0 = none
 * @param granularity onto which tokens the rewards fall
 */
public record ShapingSettings(
    Kind kind, String model, double beta1, double clip, Granularity granularity) {

  /** Where the token rewards come from. */
  public enum Kind {
    /** Reinforced token optimization: the implicit reward of a DPO model (arXiv 2404.18922). */
    RTO
  }

  /** Onto which tokens the rewards fall (the ablations of the RTO paper). */
  public enum Granularity {
    /** Each token its own: RTO. */
    TOKEN,
    /** The sum of a sentence on its last token: Semi-RTO. */
    SENTENCE,
    /** The sum of all on the last token: DDPO. */
    SEQUENCE,
    /** Each token its own, the total taken off the last one: RS-PPO. */
    SHAPING_ONLY
  }

  static ShapingSettings from(Checked c, Lineage lineage) {
    return new ShapingSettings(
        c.choice("kind", Kind.class),
        lineage.stage(c, "model", TokenRewardModel.class),
        c.decimal("beta1", 0.0, 100.0),
        c.decimal("clip", 0.0, 100.0),
        c.choice("granularity", Granularity.class));
  }
}

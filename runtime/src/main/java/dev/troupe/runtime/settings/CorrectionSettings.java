package dev.troupe.runtime.settings;

/**
 * Which policy an update stays close to, and what corrects for tokens that another one sampled
 * (foundations, section 8).
 *
 * @param oldPolicy the policy in the denominator of the probability ratio
 * @param kind whose probabilities are compared
 * @param mode what happens to a weight above the cap
 * @param cap largest weight; 0 = none
 */
public record CorrectionSettings(OldPolicy oldPolicy, Kind kind, Mode mode, double cap) {

  /** The policy in the denominator of the probability ratio. */
  public enum OldPolicy {
    /** The one that sampled, by the log-probabilities that it reported. */
    SAMPLED,
    /** The one that is trained, as it is when the step begins: decoupled PPO. */
    RECOMPUTED
  }

  /** Whose probabilities are compared. */
  public enum Kind {
    /** Nothing is corrected. */
    NONE,
    /** Each token's own: truncated importance sampling. */
    TIS,
    /** The product over the completion. */
    SEQUENCE_PRODUCT,
    /** The geometric mean over the completion. */
    SEQUENCE_GEOMETRIC
  }

  /** What happens to a weight above the cap. */
  public enum Mode {
    /** It is set to the cap. */
    TRUNCATE,
    /** It is set to 0, so that the token does not count. */
    MASK
  }

  static CorrectionSettings from(Checked stage) {
    OldPolicy oldPolicy = stage.choice("old-policy", OldPolicy.class);
    Checked c = stage.section("correction");
    Kind kind = c.choice("kind", Kind.class);
    if (c.isSound("kind") && kind != Kind.NONE && oldPolicy == OldPolicy.SAMPLED) {
      c.clash(
          "kind",
          "would correct twice, for the ratio is already taken against who sampled when "
              + stage.quote("old-policy"),
          "choose old-policy = recomputed");
    }
    return new CorrectionSettings(
        oldPolicy, kind, c.choice("mode", Mode.class), c.decimal("cap", 0.0, 1e6));
  }
}

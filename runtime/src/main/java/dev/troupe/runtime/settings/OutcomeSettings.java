package dev.troupe.runtime.settings;

/**
 * What is done to the reward of a completion before anything is learnt from it.
 *
 * @param overlongBuffer last tokens before the limit in which a completion costs; 0 = none
 * @param overlongFactor what a completion costs that is cut at the limit
 * @param scaling what of all rewards so far a reward is measured by
 * @param clip bound of a reward, after the rest; 0 = none
 */
public record OutcomeSettings(
    int overlongBuffer, double overlongFactor, Scaling scaling, double clip) {

  /** What of all rewards so far a reward is measured by. */
  public enum Scaling {
    /** Nothing. */
    NONE,
    /** It is divided by their deviation. */
    SCALE,
    /** Their mean is taken off, and the rest divided by their deviation. */
    NORMALISE
  }

  static OutcomeSettings from(Checked c, SamplingSettings sampling) {
    Checked overlong = c.section("overlong");
    int buffer = overlong.integer("buffer", 0, 1_000_000);
    if (overlong.isSound("buffer") && sampling.maxTokens() > 0 && buffer >= sampling.maxTokens()) {
      overlong.refuse(
          "buffer",
          "is no part of the " + sampling.maxTokens() + " tokens that a completion may have",
          "choose less than sampling.max-tokens");
    }
    Checked transform = c.section("reward-transform");
    return new OutcomeSettings(
        buffer,
        overlong.decimal("factor", 0.0, 1000.0),
        transform.choice("scaling", Scaling.class),
        transform.decimal("clip", 0.0, 1e6));
  }
}

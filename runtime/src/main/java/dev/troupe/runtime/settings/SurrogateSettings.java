package dev.troupe.runtime.settings;

/**
 * What is minimised in place of the negative reward: how the probability ratio and the advantage of
 * a token become its loss, and the losses of a mini-batch one number.
 *
 * @param loss whose ratio it is and what becomes of it
 * @param clipLow how far the ratio may fall below 1
 * @param clipHigh how far it may rise above 1
 * @param dualClip bound c of the loss for negative advantages, at -c A; 0 = off
 * @param aggregation how token losses become one number
 */
public record SurrogateSettings(
    Loss loss, double clipLow, double clipHigh, double dualClip, Aggregation aggregation) {

  /** Whose probability ratio it is, and what becomes of it (foundations, sections 4 and 7). */
  public enum Loss {
    /** Each token's ratio, clipped where it pays: PPO and GRPO. */
    CLIP,
    /** One ratio for the whole completion, clipped where it pays: GSPO. */
    GSPO,
    /** Each token's ratio, cut and not differentiated, weighs its log-probability: CISPO. */
    CISPO
  }

  /** How the losses of a step's tokens become one number (foundations, section 4.5). */
  public enum Aggregation {
    /** Mean over the tokens of the step: DAPO. */
    TOKEN_MEAN,
    /** Mean over the sequences of each one's mean: GRPO as published. */
    SEQUENCE_MEAN_TOKEN_MEAN,
    /** Mean over the sequences of each one's sum. */
    SEQUENCE_MEAN_TOKEN_SUM,
    /** Sum divided by sequences times longest completion: Dr. GRPO. */
    CONSTANT_LENGTH
  }

  static SurrogateSettings from(Checked c) {
    Loss loss = c.choice("loss", Loss.class);
    double dual = c.decimal("dual-clip", 0.0, 1000.0);
    if (c.isSound("dual-clip") && dual > 0 && dual <= 1) {
      c.refuse("dual-clip", "would clip even a ratio of 1", "choose 0 (off) or more than 1");
    }
    Aggregation aggregation = c.choice("aggregation", Aggregation.class);
    if (loss == Loss.GSPO
        && c.isSound("aggregation")
        && aggregation != Aggregation.SEQUENCE_MEAN_TOKEN_MEAN) {
      c.clash(
          "aggregation",
          "weighs completions by their length, but " + c.quote("loss") + " has one loss for each",
          "choose sequence-mean-token-mean");
    }
    return new SurrogateSettings(
        loss,
        c.decimal("clip-low", 0.0, 1.0),
        c.decimal("clip-high", 0.0, 10.0),
        dual,
        aggregation);
  }
}

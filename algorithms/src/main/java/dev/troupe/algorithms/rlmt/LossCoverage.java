package dev.troupe.algorithms.rlmt;

/**
 * Which tokens of a response that thinks carry its advantage (RLMT, stage 2). The thoughts are not
 * scored, but they learn: the same advantage goes to them as to the answer.
 */
public enum LossCoverage {
  /** Every generated token, thoughts included: RLMT. */
  ALL_GENERATED {
    @Override
    float of(boolean isThinking) {
      return 1;
    }
  },

  /** The answer alone: RLHF with frozen thoughts, an ablation. */
  ANSWER_ONLY {
    @Override
    float of(boolean isThinking) {
      return isThinking ? 0 : 1;
    }
  };

  abstract float of(boolean isThinking);

  /**
   * The loss mask of a response, for {@link
   * dev.troupe.algorithms.aggregation.Aggregation#weights(float[][], int)}.
   *
   * @param isThinking for each generated token, the end of the sequence included, whether it
   *     belongs to the thoughts; the tags of the thoughts do
   * @return 1 where the token counts, otherwise 0, a new array of the same length
   */
  public float[] mask(boolean[] isThinking) {
    float[] mask = new float[isThinking.length];
    for (int t = 0; t < mask.length; t++) {
      mask[t] = of(isThinking[t]);
    }
    return mask;
  }
}

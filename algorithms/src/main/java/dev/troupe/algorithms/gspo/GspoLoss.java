package dev.troupe.algorithms.gspo;

import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.policy.KlTerm;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.ppo.ClippedSurrogate;

/**
 * The loss of Group Sequence Policy Optimization (Zheng et al. 2025, eq. 5): with one ratio s and
 * one advantage A for each response,
 *
 * <pre>mean over responses of -min(s A, clip(s, 1 - clipLow, 1 + clipHigh) A)</pre>
 *
 * <p>With weights of {@link Aggregation#SEQUENCE_MEAN_TOKEN_MEAN} the sum over the tokens of a
 * response, which share its loss, is exactly that; a response without a token adds nothing. Its
 * gradient spreads {@code s A / n} to each token.
 */
public final class GspoLoss {
  /** The lower clip of the paper. It is tiny because s is a geometric mean. */
  public static final double CLIP_LOW = 3e-4;

  /** The upper clip of the paper. */
  public static final double CLIP_HIGH = 4e-4;

  private GspoLoss() {}

  /**
   * The loss; its batch needs weights of {@link Aggregation#SEQUENCE_MEAN_TOKEN_MEAN}.
   *
   * @param clipLow how far below 1 the ratio may pay, in [0, 1]
   * @param clipHigh how far above 1 the ratio may pay, 0 or more
   * @return the loss, without a divergence term
   * @throws IllegalArgumentException if a clip is out of its range
   */
  public static PolicyLoss of(double clipLow, double clipHigh) {
    return new PolicyLoss(
        new SequenceRatio(), new ClippedSurrogate(clipLow, clipHigh, 0), null, KlTerm.NONE);
  }
}

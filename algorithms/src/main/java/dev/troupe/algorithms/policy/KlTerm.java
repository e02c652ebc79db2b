package dev.troupe.algorithms.policy;

import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.kl.KlEstimator;
import java.util.Objects;

/**
 * The divergence to a reference as a term of the loss.
 *
 * @param estimator which estimate; {@link KlEstimator#K1} has no gradient in expectation here
 * @param coefficient its factor, 0 or more; at 0 no reference is needed
 * @param isRatioWeighted whether each token's estimate is multiplied by its {@link
 *     ProbabilityRatio}, gradient included, which keeps it unbiased once the policy has moved away
 *     from the one before the update; TRL's {@code use_bias_correction_kl}
 */
public record KlTerm(KlEstimator estimator, double coefficient, boolean isRatioWeighted) {
  /** No divergence in the loss. */
  public static final KlTerm NONE = new KlTerm(KlEstimator.K3, 0);

  /**
   * The plain term, as published for GRPO.
   *
   * @param estimator which estimate
   * @param coefficient its factor, 0 or more
   */
  public KlTerm(KlEstimator estimator, double coefficient) {
    this(estimator, coefficient, false);
  }

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if the coefficient is negative or not finite
   */
  public KlTerm {
    Objects.requireNonNull(estimator, "estimator");
    Require.within("coefficient", coefficient, 0, Double.MAX_VALUE);
  }
}

package dev.troupe.algorithms.gspo;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.aggregation.ValidTokens;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.policy.ProbabilityRatio;

/**
 * The ratio of GSPO (Zheng et al. 2025, eq. 7): the geometric mean of the ratios of the tokens of a
 * response,
 *
 * <pre>s = exp( 1/n * sum over tokens of (logp - oldLogp) )</pre>
 *
 * the same for each of them. The exponent is clamped to +-{@link KlEstimator#MAX_LOG_RATIO}.
 */
public record SequenceRatio() implements ProbabilityRatio {
  /**
   * {@inheritDoc}
   *
   * <p>The ratio of a response without a token is 1.
   */
  @Override
  public NDArray of(NDArray logpBT, NDArray oldLogpBT, ValidTokens valid) {
    Require.sameLayout("logpBT", logpBT, "oldLogpBT", oldLogpBT);
    return valid
        .rowMeans(logpBT.sub(oldLogpBT))
        .clip(-KlEstimator.MAX_LOG_RATIO, KlEstimator.MAX_LOG_RATIO)
        .exp()
        .broadcast(logpBT.getShape());
  }

  @Override
  public boolean isPerSequence() {
    return true;
  }
}

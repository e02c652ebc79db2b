package dev.troupe.algorithms.policy;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.aggregation.ValidTokens;

/** How much likelier the policy being trained makes a sample than the policy before the update. */
public interface ProbabilityRatio {
  /**
   * The ratio that applies to each token.
   *
   * @param logpBT log-probability of each sampled token under the policy being trained, nats, 0
   *     where no token is, (B, T)
   * @param oldLogpBT the same under the policy before the update; a constant, (B, T)
   * @param valid where a token is
   * @return differentiable ratios, (B, T), attached to the manager of {@code logpBT}; anything
   *     finite where no token is
   * @throws IllegalArgumentException if shapes or types differ
   */
  NDArray of(NDArray logpBT, NDArray oldLogpBT, ValidTokens valid);

  /** Whether all tokens of a response share one ratio, and so must share one advantage. */
  boolean isPerSequence();
}

package dev.troupe.algorithms.ppo;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.aggregation.ValidTokens;
import dev.troupe.algorithms.policy.ProbabilityRatio;

/** The ratio of PPO: each token has its own, {@code exp(logp - oldLogp)}. */
public record TokenRatio() implements ProbabilityRatio {
  @Override
  public NDArray of(NDArray logpBT, NDArray oldLogpBT, ValidTokens valid) {
    return ClippedSurrogate.ratio(logpBT, oldLogpBT);
  }

  @Override
  public boolean isPerSequence() {
    return false;
  }
}

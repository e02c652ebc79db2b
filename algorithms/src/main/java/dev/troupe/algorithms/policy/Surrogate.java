package dev.troupe.algorithms.policy;

import ai.djl.ndarray.NDArray;

/** What is minimised in the place of the negative expected advantage, token by token. */
public interface Surrogate {
  /**
   * The loss of each token.
   *
   * @param logpBT log-probability of each sampled token under the policy being trained, nats, (B,
   *     T)
   * @param ratioBT its {@link ProbabilityRatio}, (B, T)
   * @param advantageBT its advantage; a constant, (B, T)
   * @return differentiable losses, (B, T), attached to the manager of {@code logpBT}
   * @throws IllegalArgumentException if shapes or types differ
   */
  NDArray perToken(NDArray logpBT, NDArray ratioBT, NDArray advantageBT);

  /**
   * Whether the clip changes what a token contributes, for the clip fraction.
   *
   * @param ratio the probability ratio of the token
   * @param advantage its advantage
   * @return true if it is held back
   */
  boolean isClipped(double ratio, double advantage);
}

package dev.troupe.algorithms.policy;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.aggregation.ValidTokens;

/** What weighs tokens that another policy generated than the one the ratio is taken against. */
public interface Correction {
  /**
   * The factor on the surrogate loss of each token.
   *
   * @param oldLogpBT log-probability of each token under the policy before the update, recomputed
   *     by the learner, nats, 0 where no token is, (B, T)
   * @param generatorLogpBT log-probability that the generator reported, nats, 0 where no token is,
   *     (B, T)
   * @param valid where a token is
   * @return constants of 0 or more, (B, T); 0 where no token is
   * @throws IllegalArgumentException if shapes or types differ
   */
  NDArray weights(NDArray oldLogpBT, NDArray generatorLogpBT, ValidTokens valid);
}

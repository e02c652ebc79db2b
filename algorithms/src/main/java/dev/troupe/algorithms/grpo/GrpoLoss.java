package dev.troupe.algorithms.grpo;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.policy.PolicyBatch;

/** The loss of Group Relative Policy Optimization (Shao et al. 2024, DeepSeekMath, eq. 3 and 4). */
public final class GrpoLoss {
  private GrpoLoss() {}

  /**
   * The share of one micro-batch in the loss of its optimiser batch:
   *
   * <pre>sum of weight * ( -min(ratio A, clip(ratio) A) + klCoefficient * kl )</pre>
   *
   * Sum the results of all micro-batches to get the loss of the batch. What the arrays hold where
   * the weight is 0 does not matter, NaN included; a micro-batch without a token gives 0.
   *
   * @param logpBT log-probability of each sampled token under the policy being trained, nats, (B,
   *     T)
   * @param oldLogpBT the same under the policy that sampled it; a constant, (B, T)
   * @param refLogpBT the same under the reference; a constant, (B, T); may be null if the settings
   *     have no divergence term
   * @param advantageBT advantage of each token, from {@link GrpoSettings#advantage}; a constant,
   *     (B, T)
   * @param weightBT weight of each token from {@link Aggregation#weights}, computed for the whole
   *     optimiser batch; 0 where there is none, (B, T)
   * @param settings which variant
   * @return scalar loss, shape (), attached to the manager of {@code logpBT}
   * @throws IllegalArgumentException if shapes or types differ, a needed reference is missing, or a
   *     value with a weight is not finite
   */
  public static NDArray loss(
      NDArray logpBT,
      NDArray oldLogpBT,
      NDArray refLogpBT,
      NDArray advantageBT,
      NDArray weightBT,
      GrpoSettings settings) {
    return settings
        .policyLoss()
        .loss(new PolicyBatch(logpBT, oldLogpBT, refLogpBT, null, advantageBT, weightBT));
  }
}

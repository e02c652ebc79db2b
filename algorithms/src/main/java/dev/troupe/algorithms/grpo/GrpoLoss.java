package dev.troupe.algorithms.grpo;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.aggregation.ValidTokens;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
import java.util.List;

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
    Require.axes("logpBT", logpBT, "BT");
    Require.sameLayout("logpBT", logpBT, "weightBT", weightBT);
    ValidTokens valid = ValidTokens.ofWeights(weightBT);
    NDArray policyBT = valid.keep("logpBT", logpBT);
    NDArray oldBT = valid.keep("oldLogpBT", oldLogpBT);
    NDArray gainBT = valid.keep("advantageBT", advantageBT);
    Require.finite(List.of("logpBT", "oldLogpBT", "advantageBT"), policyBT, oldBT, gainBT);

    NDArray tokenLossBT =
        ClippedSurrogate.perToken(
            policyBT, oldBT, gainBT, settings.clipLow(), settings.clipHigh(), settings.dualClip());

    if (settings.klCoefficient() > 0) {
      NDArray referenceBT = valid.keep("refLogpBT", requireReference(refLogpBT, settings));
      Require.finite(List.of("refLogpBT"), referenceBT);
      NDArray klBT = settings.klEstimator().perToken(policyBT, referenceBT);
      tokenLossBT = tokenLossBT.add(Scalars.times(klBT, settings.klCoefficient()));
    }

    return tokenLossBT.mul(weightBT).sum();
  }

  private static NDArray requireReference(NDArray refLogpBT, GrpoSettings settings) {
    if (refLogpBT == null) {
      throw new IllegalArgumentException(
          "refLogpBT is missing, expected log-probabilities of a reference because klCoefficient is "
              + settings.klCoefficient());
    }
    return refLogpBT;
  }
}

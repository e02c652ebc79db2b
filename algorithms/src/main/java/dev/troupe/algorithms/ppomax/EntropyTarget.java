package dev.troupe.algorithms.ppomax;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.aggregation.ValidTokens;
import java.util.List;

/**
 * The entropy term of PPO-max, {@code |mean entropy - target|}: a target, not a bonus. The 35 nats
 * of MOSS-RLHF are above the entropy of any usual vocabulary (ln 32000 = 10.4), so there the term
 * is a pure bonus.
 *
 * @param target the wanted mean entropy of a token, nats
 */
public record EntropyTarget(double target) {
  /** The target of MOSS-RLHF, nats. */
  public static final double MOSS = 35;

  /**
   * Checks the target.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public EntropyTarget {
    Require.within("target", target, 0, Double.MAX_VALUE);
  }

  /**
   * The share of one micro-batch in the term of its optimiser batch:
   *
   * <pre>sign(batchMean - target) * sum of weight * (entropy - target)</pre>
   *
   * With weights of sum 1 the shares sum to {@code |batchMean - target|}, and so do their
   * gradients; a sum of absolute values of micro-batches would not. Exactly on the target the
   * gradient is 0.
   *
   * @param entropyBT entropy of the policy before each token, nats, (B, T)
   * @param weightBT weight of each token from {@link
   *     dev.troupe.algorithms.aggregation.Aggregation#TOKEN_MEAN}, for the whole optimiser batch; 0
   *     where there is none, (B, T)
   * @param batchMean the mean entropy of the whole optimiser batch, a constant, nats
   * @return scalar, shape (), attached to the manager of {@code entropyBT}; 0 without a token
   * @throws IllegalArgumentException if shapes or types differ, or a value with a weight is not
   *     finite
   */
  public NDArray loss(NDArray entropyBT, NDArray weightBT, double batchMean) {
    Require.axes("entropyBT", entropyBT, "BT");
    Require.sameLayout("entropyBT", entropyBT, "weightBT", weightBT);
    Require.finite("batchMean", new double[] {batchMean});
    NDArray keptBT = ValidTokens.ofWeights(weightBT).keep("entropyBT", entropyBT);
    Require.finite(List.of("entropyBT"), keptBT);
    NDArray distance = keptBT.sub(target).mul(weightBT).sum();
    return Scalars.times(distance, Math.signum(batchMean - target));
  }
}

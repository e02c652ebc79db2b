package dev.troupe.algorithms.ppo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.policy.Surrogate;

/**
 * The clipped policy objective of PPO (Schulman et al. 2017, eq. 7), one loss for each token: with
 * a ratio and an advantage A,
 *
 * <pre>-min(ratio * A, clip(ratio, 1 - clipLow, 1 + clipHigh) * A)</pre>
 *
 * and, if there is a dual clip c, at most {@code -c * A} where A is negative (Ye et al. 2020, eq.
 * 5).
 *
 * @param clipLow how far below 1 the ratio may pay, in [0, 1]
 * @param clipHigh how far above 1 the ratio may pay, 0 or more; larger than {@code clipLow} is the
 *     "clip-higher" of DAPO
 * @param dualClip the dual clip c, above 1; or 0 for none
 */
public record ClippedSurrogate(double clipLow, double clipHigh, double dualClip)
    implements Surrogate {

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public ClippedSurrogate {
    Require.within("clipLow", clipLow, 0, 1);
    Require.within("clipHigh", clipHigh, 0, Double.MAX_VALUE);
    if (dualClip != 0 && !(dualClip > 1 && dualClip < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "dualClip is %s, expected a number above 1, or 0 for none".formatted(dualClip));
    }
  }

  @Override
  public NDArray perToken(NDArray logpBT, NDArray ratioBT, NDArray advantageBT) {
    Require.sameLayout("logpBT", logpBT, "advantageBT", advantageBT);
    Require.sameLayout("logpBT", logpBT, "ratioBT", ratioBT);
    NDArray gainBT = ratioBT.mul(advantageBT);
    NDArray clippedBT = ratioBT.clip(1 - clipLow, 1 + clipHigh).mul(advantageBT);
    NDArray objectiveBT = NDArrays.minimum(gainBT, clippedBT);
    if (dualClip > 0) {
      NDArray floorBT = NDArrays.maximum(objectiveBT, Scalars.times(advantageBT, dualClip));
      objectiveBT = NDArrays.where(advantageBT.lt(0), floorBT, objectiveBT);
    }
    return objectiveBT.neg();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Held back is a token that gives no gradient: its ratio has already gone where its advantage
   * pushes it, past the edge. The dual clip is not considered.
   */
  @Override
  public boolean isClipped(double ratio, double advantage) {
    return (advantage > 0 && ratio > 1 + clipHigh) || (advantage < 0 && ratio < 1 - clipLow);
  }

  /**
   * The probability ratio of each token, {@code exp(clamp(logp - oldLogp, -20, 20))}.
   *
   * @param logpBT log-probability under the policy being trained, nats, (B, T)
   * @param oldLogpBT log-probability under the policy that sampled, nats, (B, T)
   * @return ratios, (B, T); no gradient flows beyond the clamp
   * @throws IllegalArgumentException if the shapes or types differ
   */
  public static NDArray ratio(NDArray logpBT, NDArray oldLogpBT) {
    Require.sameLayout("logpBT", logpBT, "oldLogpBT", oldLogpBT);
    return logpBT.sub(oldLogpBT).clip(-KlEstimator.MAX_LOG_RATIO, KlEstimator.MAX_LOG_RATIO).exp();
  }

  /**
   * The same ratio for one token, on the host.
   *
   * @param logp log-probability under the policy being trained, nats
   * @param oldLogp log-probability under the policy that sampled, nats
   * @return the ratio
   */
  public static double ratio(double logp, double oldLogp) {
    double difference = logp - oldLogp;
    return Math.exp(
        Math.max(-KlEstimator.MAX_LOG_RATIO, Math.min(KlEstimator.MAX_LOG_RATIO, difference)));
  }
}

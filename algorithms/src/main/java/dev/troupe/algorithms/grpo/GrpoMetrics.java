package dev.troupe.algorithms.grpo;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.ppo.ClippedSurrogate;

/**
 * How far the policy is from the one that sampled and from the reference: plain means over the
 * tokens that count, whatever the aggregation of the loss.
 *
 * @param tokens tokens counted; if 0, everything else is 0
 * @param clipFraction fraction of tokens that the clip holds back ({@link
 *     ClippedSurrogate#isClipped}); 0 on the first mini-batch, or the log-probabilities were not
 *     recomputed alike
 * @param meanRatio mean probability ratio to the sampling policy; 1 on the first mini-batch
 * @param meanOldKlK3 mean {@link KlEstimator#K3} from the sampling policy to the present one, nats
 * @param meanRefKlK1 mean {@link KlEstimator#K1} from the policy to the reference, nats; 0 without
 *     one
 * @param meanRefKlK3 mean {@link KlEstimator#K3} from the policy to the reference, nats; 0 without
 *     one
 */
public record GrpoMetrics(
    long tokens,
    double clipFraction,
    double meanRatio,
    double meanOldKlK3,
    double meanRefKlK1,
    double meanRefKlK3) {

  /** The metrics of no token; the identity of {@link #and}. */
  public static final GrpoMetrics NONE = new GrpoMetrics(0, 0, 0, 0, 0, 0);

  /**
   * The metrics of one micro-batch, from the arguments of {@link GrpoLoss#loss}. Copies them to the
   * host and keeps no array.
   *
   * @param logpBT log-probability under the policy being trained, nats, (B, T)
   * @param oldLogpBT the same under the policy that sampled, (B, T)
   * @param refLogpBT the same under the reference, (B, T), or null
   * @param advantageBT advantage of each token, (B, T)
   * @param weightBT 0 where there is no token, (B, T)
   * @param settings where the clip range comes from
   * @return host numbers
   * @throws IllegalArgumentException if shapes or types differ
   */
  public static GrpoMetrics of(
      NDArray logpBT,
      NDArray oldLogpBT,
      NDArray refLogpBT,
      NDArray advantageBT,
      NDArray weightBT,
      GrpoSettings settings) {
    Require.sameLayout("logpBT", logpBT, "oldLogpBT", oldLogpBT);
    Require.sameLayout("logpBT", logpBT, "advantageBT", advantageBT);
    Require.sameLayout("logpBT", logpBT, "weightBT", weightBT);
    double[] logp = HostCopy.doubles(logpBT);
    double[] oldLogp = HostCopy.doubles(oldLogpBT);
    double[] advantage = HostCopy.doubles(advantageBT);
    double[] weight = HostCopy.doubles(weightBT);
    double[] refLogp = null;
    if (refLogpBT != null) {
      Require.sameLayout("logpBT", logpBT, "refLogpBT", refLogpBT);
      refLogp = HostCopy.doubles(refLogpBT);
    }

    ClippedSurrogate clip = settings.surrogate();
    long tokens = 0;
    long clipped = 0;
    double ratios = 0;
    double oldKl = 0;
    double refK1 = 0;
    double refK3 = 0;
    for (int i = 0; i < weight.length; i++) {
      if (weight[i] == 0) {
        continue;
      }
      tokens++;
      double ratio = ClippedSurrogate.ratio(logp[i], oldLogp[i]);
      ratios += ratio;
      if (clip.isClipped(ratio, advantage[i])) {
        clipped++;
      }
      oldKl += KlEstimator.K3.perToken(oldLogp[i] - logp[i]);
      if (refLogp != null) {
        refK1 += KlEstimator.K1.perToken(logp[i] - refLogp[i]);
        refK3 += KlEstimator.K3.perToken(logp[i] - refLogp[i]);
      }
    }
    if (tokens == 0) {
      return NONE;
    }
    return new GrpoMetrics(
        tokens,
        (double) clipped / tokens,
        ratios / tokens,
        oldKl / tokens,
        refK1 / tokens,
        refK3 / tokens);
  }

  /**
   * The metrics of two micro-batches together.
   *
   * @param other the other micro-batch
   * @return means over the tokens of both
   */
  public GrpoMetrics and(GrpoMetrics other) {
    long together = tokens + other.tokens;
    if (together == 0) {
      return NONE;
    }
    double mine = (double) tokens / together;
    double theirs = (double) other.tokens / together;
    return new GrpoMetrics(
        together,
        mine * clipFraction + theirs * other.clipFraction,
        mine * meanRatio + theirs * other.meanRatio,
        mine * meanOldKlK3 + theirs * other.meanOldKlK3,
        mine * meanRefKlK1 + theirs * other.meanRefKlK1,
        mine * meanRefKlK3 + theirs * other.meanRefKlK3);
  }
}

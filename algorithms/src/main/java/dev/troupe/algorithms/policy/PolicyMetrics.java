package dev.troupe.algorithms.policy;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.aggregation.ValidTokens;
import dev.troupe.algorithms.kl.KlEstimator;

/**
 * How far the policy is from the one before the update, from the reference and from the generator:
 * plain means over the tokens that count, whatever the aggregation of the loss.
 *
 * @param tokens tokens counted; if 0, everything else is 0
 * @param clipFraction fraction of tokens that are {@link Surrogate#isClipped}; 0 on the first
 *     mini-batch, or the log-probabilities were not recomputed alike
 * @param meanRatio mean {@link ProbabilityRatio}; 1 on the first mini-batch
 * @param meanOldKlK3 mean {@link KlEstimator#K3} from the policy before the update to the present
 *     one, nats
 * @param meanRefKlK1 mean {@link KlEstimator#K1} from the policy to the reference, nats; 0 without
 *     one
 * @param meanRefKlK3 mean {@link KlEstimator#K3} from the policy to the reference, nats; 0 without
 *     one
 * @param meanCorrection mean weight of the {@link Correction}; 1 without one
 */
public record PolicyMetrics(
    long tokens,
    double clipFraction,
    double meanRatio,
    double meanOldKlK3,
    double meanRefKlK1,
    double meanRefKlK3,
    double meanCorrection) {

  /** The metrics of no token; the identity of {@link #and}. */
  public static final PolicyMetrics NONE = new PolicyMetrics(0, 0, 0, 0, 0, 0, 0);

  /**
   * The metrics of one micro-batch. Copies it to the host and keeps no array.
   *
   * @param batch the argument of {@link PolicyLoss#loss}; the reference may be there even if the
   *     loss does not need it
   * @param loss where ratio, clip and correction come from
   * @return host numbers
   * @throws IllegalArgumentException if shapes or types differ
   */
  public static PolicyMetrics of(PolicyBatch batch, PolicyLoss loss) {
    NDArray logpBT = batch.logpBT().stopGradient();
    Require.sameLayout("logpBT", logpBT, "oldLogpBT", batch.oldLogpBT());
    Require.sameLayout("logpBT", logpBT, "advantageBT", batch.advantageBT());
    Require.sameLayout("logpBT", logpBT, "weightBT", batch.weightBT());
    ValidTokens valid = ValidTokens.ofWeights(batch.weightBT());
    NDArray oldBT = valid.keep("oldLogpBT", batch.oldLogpBT());
    double[] logp = HostCopy.doubles(logpBT);
    double[] oldLogp = HostCopy.doubles(oldBT);
    double[] ratio = HostCopy.doubles(loss.ratio().of(valid.keep("logpBT", logpBT), oldBT, valid));
    double[] advantage = HostCopy.doubles(batch.advantageBT());
    double[] weight = HostCopy.doubles(batch.weightBT());
    double[] refLogp = null;
    if (batch.refLogpBT() != null) {
      Require.sameLayout("logpBT", logpBT, "refLogpBT", batch.refLogpBT());
      refLogp = HostCopy.doubles(batch.refLogpBT());
    }
    double[] correction = null;
    if (loss.correction() != null) {
      NDArray generatorBT = valid.keep("generatorLogpBT", batch.generatorLogpBT());
      correction = HostCopy.doubles(loss.correction().weights(oldBT, generatorBT, valid));
    }

    long tokens = 0;
    long clipped = 0;
    double ratios = 0;
    double oldKl = 0;
    double refK1 = 0;
    double refK3 = 0;
    double corrections = 0;
    for (int i = 0; i < weight.length; i++) {
      if (weight[i] == 0) {
        continue;
      }
      tokens++;
      ratios += ratio[i];
      if (loss.surrogate().isClipped(ratio[i], advantage[i])) {
        clipped++;
      }
      oldKl += KlEstimator.K3.perToken(oldLogp[i] - logp[i]);
      if (refLogp != null) {
        refK1 += KlEstimator.K1.perToken(logp[i] - refLogp[i]);
        refK3 += KlEstimator.K3.perToken(logp[i] - refLogp[i]);
      }
      corrections += correction == null ? 1 : correction[i];
    }
    if (tokens == 0) {
      return NONE;
    }
    return new PolicyMetrics(
        tokens,
        (double) clipped / tokens,
        ratios / tokens,
        oldKl / tokens,
        refK1 / tokens,
        refK3 / tokens,
        corrections / tokens);
  }

  /**
   * The metrics of two micro-batches together.
   *
   * @param other the other micro-batch
   * @return means over the tokens of both
   */
  public PolicyMetrics and(PolicyMetrics other) {
    long together = tokens + other.tokens;
    if (together == 0) {
      return NONE;
    }
    double mine = (double) tokens / together;
    double theirs = (double) other.tokens / together;
    return new PolicyMetrics(
        together,
        mine * clipFraction + theirs * other.clipFraction,
        mine * meanRatio + theirs * other.meanRatio,
        mine * meanOldKlK3 + theirs * other.meanOldKlK3,
        mine * meanRefKlK1 + theirs * other.meanRefKlK1,
        mine * meanRefKlK3 + theirs * other.meanRefKlK3,
        mine * meanCorrection + theirs * other.meanCorrection);
  }
}

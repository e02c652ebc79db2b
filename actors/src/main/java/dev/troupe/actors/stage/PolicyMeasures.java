package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.policy.PolicyBatch;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.policy.PolicyMetrics;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.training.Tally;
import java.util.Map;

/**
 * How far the policy is from others, over all optimizer steps of a step. The losses keep the
 * numbers in the tally of their optimizer step.
 */
final class PolicyMeasures {
  private static final String TOKENS = "policy/tokens";
  private static final String CLIPPED = "policy/clipped";
  private static final String RATIO = "policy/ratio";
  private static final String OLD_K3 = "policy/old-k3";
  private static final String REFERENCE_K1 = "policy/reference-k1";
  private static final String REFERENCE_K3 = "policy/reference-k3";
  private static final String CORRECTION = "policy/correction";
  private static final String MISMATCH_TOKENS = "mismatch/tokens";
  private static final String MISMATCH = "mismatch/difference";

  private Tally seen = new Tally();

  /** Keeps what one loss was computed from. */
  static void keep(Tally tally, PolicyBatch batch, PolicyLoss loss) {
    PolicyMetrics part = PolicyMetrics.of(batch, loss);
    tally.add(TOKENS, part.tokens());
    tally.add(CLIPPED, part.tokens() * part.clipFraction());
    tally.add(RATIO, part.tokens() * part.meanRatio());
    tally.add(OLD_K3, part.tokens() * part.meanOldKlK3());
    tally.add(REFERENCE_K1, part.tokens() * part.meanRefKlK1());
    tally.add(REFERENCE_K3, part.tokens() * part.meanRefKlK3());
    tally.add(CORRECTION, part.tokens() * part.meanCorrection());
  }

  /**
   * Keeps how differently sampler and learner compute the probability of a token. With staleness 0
   * both use the same weights in the first mini-batch, and what is left is the numbers' fault.
   */
  static void keepMismatch(Tally tally, NDArray logpBT, NDArray behaviourBT, NDArray weightBT) {
    float[] learner = logpBT.stopGradient().toFloatArray();
    float[] sampler = behaviourBT.toFloatArray();
    float[] weight = weightBT.toFloatArray();
    double sum = 0;
    double highest = 0;
    long tokens = 0;
    for (int i = 0; i < weight.length; i++) {
      if (weight[i] != 0) {
        double difference = Math.abs((double) learner[i] - sampler[i]);
        sum += difference;
        highest = Math.max(highest, difference);
        tokens++;
      }
    }
    tally.add(MISMATCH, sum);
    tally.raise(MISMATCH, highest);
    tally.add(MISMATCH_TOKENS, tokens);
  }

  /** Takes in what the losses of an optimizer step kept. */
  void add(Tally tally) {
    seen = seen.and(tally);
  }

  /** What was measured; nothing without a token. */
  void into(Map<String, Double> metrics, boolean hasReference, boolean hasCorrection) {
    double tokens = seen.sum(TOKENS);
    if (tokens > 0) {
      metrics.put(Metric.RATIO_CLIPPED.name(), seen.sum(CLIPPED) / tokens);
      metrics.put("ratio/mean", seen.sum(RATIO) / tokens);
      metrics.put(Metric.KL_BEHAVIOUR.name(), seen.sum(OLD_K3) / tokens);
      if (hasReference) {
        metrics.put(Metric.KL_REFERENCE.name(), seen.sum(REFERENCE_K3) / tokens);
        metrics.put("kl/reference-k1", seen.sum(REFERENCE_K1) / tokens);
      }
      if (hasCorrection) {
        metrics.put("correction/mean", seen.sum(CORRECTION) / tokens);
      }
    }
    double compared = seen.sum(MISMATCH_TOKENS);
    if (compared > 0) {
      metrics.put("mismatch/mean", seen.sum(MISMATCH) / compared);
      metrics.put("mismatch/max", seen.highest(MISMATCH));
    }
  }
}

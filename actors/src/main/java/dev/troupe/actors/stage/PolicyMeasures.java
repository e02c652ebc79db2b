package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.policy.PolicyBatch;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.policy.PolicyMetrics;
import dev.troupe.runtime.record.Metric;
import java.util.Map;

/** How far the policy is from others, over all micro-batches of a step. */
final class PolicyMeasures {
  private final FirstReading reading;
  private PolicyMetrics drift = PolicyMetrics.NONE;
  private double mismatch;
  private double highest;
  private long tokens;

  PolicyMeasures(FirstReading reading) {
    this.reading = reading;
  }

  /** Where the policy's own log-probabilities go. */
  FirstReading reading() {
    return reading;
  }

  /** Takes in what one loss was computed from. */
  void add(PolicyBatch batch, PolicyLoss loss) {
    drift = drift.and(PolicyMetrics.of(batch, loss));
  }

  /**
   * Takes in how differently sampler and learner compute the probability of a token. With staleness
   * 0 both use the same weights in the first mini-batch, and what is left is the numbers' fault.
   */
  void addMismatch(NDArray logpBT, NDArray behaviourBT, NDArray weightBT) {
    float[] learner = logpBT.stopGradient().toFloatArray();
    float[] sampler = behaviourBT.toFloatArray();
    float[] weight = weightBT.toFloatArray();
    for (int i = 0; i < weight.length; i++) {
      if (weight[i] != 0) {
        double difference = Math.abs((double) learner[i] - sampler[i]);
        mismatch += difference;
        highest = Math.max(highest, difference);
        tokens++;
      }
    }
  }

  /** What was measured; nothing without a token. */
  void into(Map<String, Double> metrics, boolean hasReference, boolean hasCorrection) {
    if (drift.tokens() > 0) {
      metrics.put(Metric.RATIO_CLIPPED.name(), drift.clipFraction());
      metrics.put("ratio/mean", drift.meanRatio());
      metrics.put(Metric.KL_BEHAVIOUR.name(), drift.meanOldKlK3());
      if (hasReference) {
        metrics.put(Metric.KL_REFERENCE.name(), drift.meanRefKlK3());
        metrics.put("kl/reference-k1", drift.meanRefKlK1());
      }
    }
    if (hasCorrection && drift.tokens() > 0) {
      metrics.put("correction/mean", drift.meanCorrection());
    }
    if (tokens > 0) {
      metrics.put("mismatch/mean", mismatch / tokens);
      metrics.put("mismatch/max", highest);
    }
  }
}

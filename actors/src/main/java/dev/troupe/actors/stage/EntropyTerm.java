package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.ppomax.EntropyTarget;
import dev.troupe.runtime.settings.EntropySettings;
import java.util.List;

/**
 * The entropy of the policy as a term of the loss: its distance from a target, or what it falls
 * short of any. Whether a mini-batch is above or below the target is told by its sampled tokens,
 * whose negative log-probability has the entropy as its mean, for one micro-batch does not know the
 * whole.
 *
 * @param settings weight and target
 */
record EntropyTerm(EntropySettings settings) {
  /** More than any vocabulary has, nats: what is always to be raised. */
  private static final double OUT_OF_REACH = 100;

  /** Whether the loss has the term. */
  boolean isOn() {
    return settings.coefficient() > 0;
  }

  /**
   * The share of a micro-batch in the term.
   *
   * @param batchMean what {@link #mean} says of the whole mini-batch
   */
  NDArray loss(NDArray entropyBT, NDArray weightBT, double batchMean) {
    var target = new EntropyTarget(settings.target() > 0 ? settings.target() : OUT_OF_REACH);
    return Scalars.times(target.loss(entropyBT, weightBT, batchMean), settings.coefficient());
  }

  /**
   * The entropy of a token, estimated from samples, nats.
   *
   * @param behaviour log-probability of each sampled token
   */
  static double mean(List<float[]> behaviour) {
    double sum = 0;
    long tokens = 0;
    for (float[] row : behaviour) {
      for (float logp : row) {
        sum -= logp;
        tokens++;
      }
    }
    return tokens == 0 ? 0 : sum / tokens;
  }
}

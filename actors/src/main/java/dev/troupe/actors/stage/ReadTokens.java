package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.runtime.training.LossFunction;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.Arrays;
import java.util.List;

/**
 * What a loss read of each sequence of an optimizer step and what it made of its tokens. Shards are
 * computed side by side, but no two of them have the same row.
 */
final class ReadTokens {
  private final List<TrainingSequence> sequences;
  private final Tokens[] rows;

  /**
   * The tokens of a completion.
   *
   * @param policy log-probability under the policy that was trained, nats; null if another learner
   *     read it
   * @param reference the same under the reference that was read with it; null without one
   * @param pulls minus the derivative of the loss with respect to the log-probability: above 0 the
   *     step makes the token likelier
   */
  record Tokens(float[] policy, float[] reference, float[] pulls) {
    static final Tokens NONE = new Tokens(null, null, null);

    /** The sum of log-probabilities over the reference's; NaN if one of them is not known. */
    static double logRatio(float[] policy, float[] reference) {
      if (policy == null || reference == null) {
        return Double.NaN;
      }
      double sum = 0;
      for (int t = 0; t < policy.length; t++) {
        sum += policy[t] - reference[t];
      }
      return sum;
    }
  }

  ReadTokens(List<TrainingSequence> sequences) {
    this.sequences = sequences;
    this.rows = new Tokens[sequences.size()];
    Arrays.fill(rows, Tokens.NONE);
  }

  /** The same loss, listened to. */
  LossFunction over(LossFunction loss) {
    return new LossFunction() {
      @Override
      public NDArray loss(MicroBatch batch) {
        return loss.loss(batch);
      }

      @Override
      public void differentiated(MicroBatch batch, float[] slopesBT) {
        loss.differentiated(batch, slopesBT);
        keep(batch, slopesBT);
      }
    };
  }

  private void keep(MicroBatch batch, float[] slopesBT) {
    float[] policyBT = batch.logpBT().stopGradient().toFloatArray();
    float[] referenceBT =
        batch.referenceLogpBT() == null ? null : batch.referenceLogpBT().toFloatArray();
    for (int b = 0; b < batch.rows().length; b++) {
      int row = batch.rows()[b];
      int begin = b * batch.width();
      int end = begin + sequences.get(row).responseLength();
      float[] pulls = Arrays.copyOfRange(slopesBT, begin, end);
      for (int t = 0; t < pulls.length; t++) {
        pulls[t] = 0f - pulls[t]; // not -0.0
      }
      rows[row] =
          new Tokens(
              Arrays.copyOfRange(policyBT, begin, end),
              referenceBT == null ? null : Arrays.copyOfRange(referenceBT, begin, end),
              pulls);
    }
  }

  /** The tokens of a sequence; of nothing if another learner read it. */
  Tokens of(int sequence) {
    return rows[sequence];
  }
}

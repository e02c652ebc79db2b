package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.training.ForwardPass.Outputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A frozen decoder that scores given sequences: the reference, a token-reward model, a reward
 * model.
 */
public final class ScoringEngine implements AutoCloseable {
  private final Accelerator accelerator;
  private final TrainerSettings settings;
  private final ForwardPass pass;
  private final NDManager manager;
  private final NDArray[] cast;
  private final boolean[] frozen;

  /**
   * Freezes a copy of the weights.
   *
   * @param microBatchTokens tokens of one forward pass
   */
  public ScoringEngine(DecoderWeights weights, NumericType compute, int microBatchTokens) {
    this.accelerator = weights.accelerator();
    this.settings =
        TrainerSettings.of(LearningRate.constant(0))
            .withCompute(compute)
            .withMicroBatches(microBatchTokens, 1, true, false);
    this.pass =
        new ForwardPass(accelerator, weights.config(), compute, weights.shape(), weights.scale());
    this.manager = accelerator.manager().newSubManager();
    NDArray[] masters = weights.arrays();
    this.cast = pass.cast(masters, manager);
    if (compute == NumericType.FP32) { // the cast is then an alias of the weights
      for (int i = 0; i < cast.length; i++) {
        NDArray alias = cast[i];
        cast[i] = alias.duplicate();
        cast[i].attach(manager);
        alias.close();
      }
    }
    this.frozen = new boolean[masters.length];
  }

  /**
   * Log-probabilities of the responses.
   *
   * @param temperature divides the logits; the one at which the responses were sampled, above 0
   * @return for every sequence its response tokens' log-probabilities in nats
   * @throws IllegalArgumentException if a sequence does not fit the decoder
   */
  public List<float[]> logps(List<TrainingSequence> sequences, double temperature) {
    return logps(accelerator, pass, cast, frozen, sequences, temperature, settings);
  }

  /**
   * The score head's outputs at the last token of each sequence.
   *
   * @return for every sequence its C scores
   * @throws IllegalArgumentException if a sequence does not fit the decoder
   * @throws IllegalStateException if the decoder has no score head
   */
  public List<float[]> scores(List<TrainingSequence> sequences) {
    pass.check(sequences, Selection.LAST, 1);
    var scores = new ArrayList<float[]>();
    for (int[] rows : PackedBatch.split(sequences, Selection.LAST, settings)) {
      try (NDManager part = accelerator.manager().newSubManager()) {
        PackedBatch batch = PackedBatch.of(part, sequences, rows, Selection.LAST, true);
        Outputs outputs =
            accelerator.exclusively(() -> pass.forward(part, cast, frozen, batch, 1, false, false));
        if (outputs.scoreKC().getShape().dimension() != 2) {
          throw new IllegalStateException("this decoder has no score head (scores = 0)");
        }
        float[] flat = outputs.scoreKC().toFloatArray();
        int per = flat.length / rows.length;
        for (int b = 0; b < rows.length; b++) {
          scores.add(Arrays.copyOfRange(flat, b * per, (b + 1) * per));
        }
      }
    }
    return scores;
  }

  @Override
  public void close() {
    manager.close();
    pass.close();
  }

  static List<float[]> logps(
      Accelerator accelerator,
      ForwardPass pass,
      NDArray[] weights,
      boolean[] frozen,
      List<TrainingSequence> sequences,
      double temperature,
      TrainerSettings settings) {
    pass.check(sequences, Selection.RESPONSE, temperature);
    var logps = new ArrayList<float[]>();
    var single = settings.withMicroBatches(settings.microBatchTokens(), 1, true, false);
    for (int[] rows : PackedBatch.split(sequences, Selection.RESPONSE, single)) {
      accelerator.exclusively(
          () -> {
            try (NDManager part = accelerator.manager().newSubManager()) {
              PackedBatch batch = PackedBatch.of(part, sequences, rows, Selection.RESPONSE, true);
              float[] flat =
                  pass.forward(part, weights, frozen, batch, temperature, false, false)
                      .logpK()
                      .toFloatArray();
              int at = 0;
              for (int length : batch.lengths()) {
                logps.add(Arrays.copyOfRange(flat, at, at + length));
                at += length;
              }
            }
            return null;
          });
    }
    return logps;
  }
}

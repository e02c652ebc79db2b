package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import java.util.List;

/**
 * A frozen decoder that scores given sequences: the reference, a token-reward model, a reward
 * model.
 */
public final class ScoringEngine implements AutoCloseable {
  private final ForwardPass pass;
  private final NDManager manager;
  private final SequenceReader reader;

  /**
   * Freezes a copy of the weights.
   *
   * @param microBatchTokens tokens of one forward pass
   */
  public ScoringEngine(DecoderWeights weights, NumericType compute, int microBatchTokens) {
    Accelerator accelerator = weights.accelerator();
    this.pass =
        new ForwardPass(
            accelerator,
            weights.config(),
            compute,
            weights.shape(),
            weights.numbers(),
            weights.scale(),
            HeadMemory.DEFAULT);
    this.manager = accelerator.manager().newSubManager();
    NDArray[] cast = pass.cast(weights.arrays(), manager);
    if (compute == NumericType.FP32) { // the cast is then an alias of the weights
      for (int i = 0; i < cast.length; i++) {
        NDArray alias = cast[i];
        cast[i] = alias.duplicate();
        cast[i].attach(manager);
        alias.close();
      }
    }
    var settings =
        TrainerSettings.of(LearningRate.constant(0))
            .withCompute(compute)
            .withMicroBatches(microBatchTokens, 1, true, false);
    this.reader = new SequenceReader(accelerator, pass, cast, settings);
  }

  /**
   * Log-probabilities of the responses.
   *
   * @param temperature divides the logits; the one at which the responses were sampled, above 0
   * @return for every sequence its response tokens' log-probabilities in nats
   * @throws IllegalArgumentException if a sequence does not fit the decoder
   */
  public List<float[]> logps(List<TrainingSequence> sequences, double temperature) {
    return reader.logps(sequences, temperature);
  }

  /**
   * What a value head says before each response token: the score head in the states whose logits
   * predict these tokens.
   *
   * @return for every sequence [T][C]: a row of C scores for each of its T response tokens
   * @throws IllegalArgumentException if a sequence does not fit the decoder
   * @throws IllegalStateException if the decoder has no score head
   */
  public List<float[][]> values(List<TrainingSequence> sequences) {
    return reader.values(sequences);
  }

  /**
   * The score head's outputs at the last token of each sequence.
   *
   * @return for every sequence its C scores
   * @throws IllegalArgumentException if a sequence does not fit the decoder
   * @throws IllegalStateException if the decoder has no score head
   */
  public List<float[]> scores(List<TrainingSequence> sequences) {
    return reader.scores(sequences);
  }

  SequenceReader reader() {
    return reader;
  }

  @Override
  public void close() {
    manager.close();
    pass.close();
  }
}

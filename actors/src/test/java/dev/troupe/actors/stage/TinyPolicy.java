package dev.troupe.actors.stage;

import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.training.LearningRate;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainerSettings;
import java.util.List;

/** A real decoder of a few hundred numbers and its trainer. */
final class TinyPolicy implements AutoCloseable {
  static final DecoderConfig CONFIG =
      new DecoderConfig(
          "llama",
          12,
          8,
          1,
          2,
          2,
          4,
          16,
          32,
          1e-5,
          10_000,
          false,
          false,
          false,
          false,
          false,
          0,
          0,
          List.of(1),
          2,
          DecoderTraits.PLAIN);

  private final Accelerator accelerator = Accelerator.of("cpu", 1);
  private final Trainer trainer;

  /**
   * @param microBatchTokens so few that a step has several micro-batches, or many
   */
  TinyPolicy(double learningRate, int microBatchTokens, int rowsPerUnit) {
    this(LearningRate.constant(learningRate), microBatchTokens, rowsPerUnit);
  }

  TinyPolicy(LearningRate learningRate, int microBatchTokens, int rowsPerUnit) {
    TrainerSettings settings =
        TrainerSettings.of(learningRate)
            .withShards(1)
            .withMicroBatches(microBatchTokens, rowsPerUnit, true, false);
    try (DecoderWeights weights = DecoderWeights.random(accelerator, CONFIG, 5)) {
      trainer = new Trainer(weights, settings);
    }
  }

  /** Other weights of the same decoder, on the same accelerator. */
  DecoderWeights others(long seed) {
    return DecoderWeights.random(accelerator, CONFIG, seed);
  }

  Trainer trainer() {
    return trainer;
  }

  @Override
  public void close() {
    trainer.close();
    accelerator.close();
  }
}

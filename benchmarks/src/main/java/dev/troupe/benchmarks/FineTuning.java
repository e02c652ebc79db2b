package dev.troupe.benchmarks;

import ai.djl.ndarray.NDArray;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.training.LearningRate;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainerSettings;
import dev.troupe.runtime.training.TrainingSequence;
import dev.troupe.runtime.transport.WeightsDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** How much of the weights one step of fine-tuning changes, as bytes of a delta. */
final class FineTuning {
  private static final int STEPS = 3;
  private static final int ROWS = 4;

  private FineTuning() {}

  /** Bytes of the delta of the last of a few steps of AdamW as a share of the weights. */
  static double share(Accelerator accelerator, double learningRate) {
    Workload workload = Workload.medium(true);
    var random = new Random(5);
    var sequences = new ArrayList<TrainingSequence>();
    for (int i = 0; i < ROWS; i++) {
      sequences.add(
          new TrainingSequence(
              random.ints(Workload.TRAIN_TOKENS + 1L, 0, workload.config().vocabSize()).toArray(),
              1));
    }
    try (DecoderWeights start = DecoderWeights.random(accelerator, workload.config(), 1);
        var trainer = new Trainer(start, TrainerSettings.of(LearningRate.constant(learningRate)))) {
      for (int step = 1; step < STEPS; step++) {
        step(trainer, sequences);
      }
      try (DecoderWeights before = trainer.snapshot()) {
        step(trainer, sequences);
        try (DecoderWeights after = trainer.snapshot();
            var delta = new WeightsDelta(before, before.digest(), after, WeightPrecision.FULL)) {
          return (double) delta.bytes().length() / (Float.BYTES * workload.config().parameters());
        }
      }
    }
  }

  private static void step(Trainer trainer, List<TrainingSequence> sequences) {
    trainer.step(sequences, Selection.RESPONSE, 1, FineTuning::crossEntropy);
  }

  private static NDArray crossEntropy(MicroBatch batch) {
    float share = -1f / (ROWS * Workload.TRAIN_TOKENS);
    return batch.logpBT().sum().mul(batch.manager().create(share));
  }
}

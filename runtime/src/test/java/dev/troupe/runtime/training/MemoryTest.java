package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.LoraSettings.Target;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rounds of training, scoring, generation and publishing leave no native memory behind. */
class MemoryTest {
  private static final int WARM_UP = 100;
  private static final int READINGS = 20;

  /**
   * What the virtual machine and libtorch keep beside tensors moves a little. One set of weights
   * (48 kB) lost in every round without a handle would be 7 MB in 150 rounds and 48 MB in 1,000;
   * with a handle the count of arrays tells at once.
   */
  private static final long SLACK_BYTES = 4 << 20;

  private static final DecoderConfig CONFIG = TinyDecoders.qwen2();

  @Test
  void aHundredAndFiftyRoundsDoNotGrow() throws IOException {
    staysFlat(150);
  }

  @Test
  @Tag("slow")
  void aThousandRoundsDoNotGrow() throws IOException {
    staysFlat(1000);
  }

  private static void staysFlat(int rounds) throws IOException {
    assumeTrue(MallocReport.isAvailable(), "skipped: glibc's malloc_info is not on this machine");
    var lora = new LoraSettings(2, 4, EnumSet.of(Target.Q, Target.UP));
    var settings =
        TrainerSettings.of(LearningRate.constant(1e-3)).withMicroBatches(40, 1, true, false);
    try (Accelerator accelerator = Accelerator.of("cpu", 1);
        DecoderWeights initial = TinyDecoders.weights(accelerator, CONFIG, 1);
        Trainer trainer = new Trainer(initial, settings);
        Trainer adapting =
            new Trainer(initial, settings.withCompute(NumericType.BF16).withAdapters(lora, 1));
        GenerationEngine engine = new GenerationEngine(accelerator, CONFIG, NumericType.BF16)) {
      long before = least(0, WARM_UP, trainer, adapting, engine);
      int managed = arrays(accelerator);
      long between = least(WARM_UP, rounds, trainer, adapting, engine);
      long after = least(WARM_UP + rounds, rounds, trainer, adapting, engine);
      assertEquals(managed, arrays(accelerator));
      // What is lost in every round is lost in both halves; what is made once is not.
      long grown = Math.min(between - before, after - between);
      assertTrue(grown < SLACK_BYTES, rounds + " rounds took " + grown + " bytes");
    }
  }

  /**
   * Does rounds and reads the live bytes after each of the last ones. The least is what stays: the
   * just-in-time compiler takes megabytes for moments from the same heap.
   */
  private static long least(
      int first, int rounds, Trainer trainer, Trainer adapting, GenerationEngine engine)
      throws IOException {
    long least = Long.MAX_VALUE;
    for (int round = first; round < first + rounds; round++) {
      round(round % 2 == 0 ? trainer : adapting, engine, round);
      if (round >= first + rounds - READINGS) {
        least = Math.min(least, MallocReport.liveBytes());
      }
    }
    return least;
  }

  private static void round(Trainer trainer, GenerationEngine engine, int round) {
    try (DecoderWeights published = trainer.snapshot();
        DecoderWeights merged = published.merged();
        ScoringEngine scoring = new ScoringEngine(merged, NumericType.BF16, 100)) {
      engine.adopt(published);
      scoring.logps(EagerTraining.ragged(CONFIG, 2), 1);
      scoring.values(EagerTraining.ragged(CONFIG, 2));
      trainer.step(
          EagerTraining.ragged(CONFIG, 4),
          Selection.RESPONSE,
          EagerTraining.TEMPERATURE,
          new ReferenceDistribution(scoring, Divergence.POLICY_TO_REFERENCE),
          EagerTraining::mixedLoss);
      var unit =
          List.of(
              new GenerationRequest(round, new int[] {3, 4, 5}, 2),
              new GenerationRequest(round + 1, new int[] {6}, 1));
      var sampling = new Sampling(1, 5, 0.9, 0, 1.1, 20, List.of(7, 8), List.of());
      engine.generate(unit, sampling, 3, null);
    }
  }

  /** Open arrays of the device, those of sub-managers included. */
  private static int arrays(Accelerator accelerator) {
    return accelerator.manager().getManagedArrays().size();
  }
}

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rounds of training, scoring, generation and publishing leave no native memory behind. */
class MemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int WARM_UP = 100;

  /**
   * A resident set breathes with compiled code, the allocator's arenas and the heap: growth of 1 MB
   * in 150 rounds and of -18 MB in 1,000 was seen. One set of weights (48 kB) lost in every round
   * without a handle would be 7 MB and 48 MB; with a handle the count of arrays tells at once.
   */
  private static final long SLACK_KB = 16 << 10;

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
    assumeTrue(Files.exists(STATUS), "skipped: " + STATUS + " is not on this machine");
    var lora = new LoraSettings(2, 4, EnumSet.of(Target.Q, Target.UP));
    var settings =
        TrainerSettings.of(LearningRate.constant(1e-3)).withMicroBatches(40, 1, true, false);
    try (Accelerator accelerator = Accelerator.of("cpu", 1);
        DecoderWeights initial = TinyDecoders.weights(accelerator, CONFIG, 1);
        Trainer trainer = new Trainer(initial, settings);
        Trainer adapting =
            new Trainer(initial, settings.withCompute(NumericType.BF16).withAdapters(lora, 1));
        GenerationEngine engine = new GenerationEngine(accelerator, CONFIG, NumericType.BF16)) {
      long before = 0;
      int managed = 0;
      for (int round = 0; round < WARM_UP + rounds; round++) {
        if (round == WARM_UP) {
          before = residentKb();
          managed = arrays(accelerator);
        }
        round(round % 2 == 0 ? trainer : adapting, engine, round);
      }
      assertEquals(managed, arrays(accelerator));
      long grown = residentKb() - before;
      assertTrue(grown < SLACK_KB, rounds + " rounds took " + grown + " kB");
    }
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

  private static long residentKb() throws IOException {
    System.gc();
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow();
  }
}

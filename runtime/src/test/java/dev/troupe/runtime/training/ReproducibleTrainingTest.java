package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.Safetensors;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.LoraSettings.Target;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Training is a function of its inputs to the last bit, through an interruption too. */
class ReproducibleTrainingTest {
  private static final int STEPS = 10;
  private static final int INTERRUPTION = 4;
  private static final DecoderConfig CONFIG = TinyDecoders.qwen2();

  private static Accelerator accelerator;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
  }

  @AfterAll
  static void close() {
    accelerator.close();
  }

  @ParameterizedTest(name = "{0}, adapters {1}")
  @CsvSource({"FP32, false", "FP32, true", "BF16, false", "BF16, true"})
  void theSameTrainingTwiceGivesTheSameBits(NumericType compute, boolean adapters) {
    TrainerSettings settings = settings(compute, adapters);
    try (DecoderWeights initial = initial();
        Trainer first = new Trainer(initial, settings);
        Trainer second = new Trainer(initial, settings)) {
      String before = first.current().digest();
      run(first, 0, STEPS);
      run(second, 0, STEPS);
      assertNotEquals(before, first.current().digest());
      assertSameState(first, second);
    }
  }

  @ParameterizedTest(name = "{0}, adapters {1}")
  @CsvSource({"FP32, false", "FP32, true", "BF16, false", "BF16, true"})
  void aRestoredTrainerGoesOnToTheSameBits(NumericType compute, boolean adapters) {
    TrainerSettings settings = settings(compute, adapters);
    Path weightsFile = folder.resolve("weights.safetensors");
    Path momentsFile = folder.resolve("moments.safetensors");
    try (DecoderWeights initial = initial();
        Trainer undisturbed = new Trainer(initial, settings)) {
      run(undisturbed, 0, STEPS);
      try (Trainer interrupted = new Trainer(initial, settings)) {
        run(interrupted, 0, INTERRUPTION);
        Safetensors.write(weightsFile, interrupted.current().toHost(), Map.of());
        Safetensors.write(momentsFile, interrupted.optimizer().toHost(), Map.of());
      }
      LoraSettings lora = settings.lora().orElse(null);
      try (DecoderWeights saved =
              DecoderWeights.of(accelerator, CONFIG, lora, Safetensors.read(weightsFile));
          DecoderWeights elsewhere = DecoderWeights.random(accelerator, CONFIG, 77);
          Trainer resumed = new Trainer(elsewhere, settings)) {
        resumed.restore(saved);
        resumed.optimizer().restore(Safetensors.read(momentsFile), INTERRUPTION);
        assertEquals(INTERRUPTION, resumed.steps());
        run(resumed, INTERRUPTION, STEPS);
        assertSameState(undisturbed, resumed);
      }
    }
  }

  @Test
  void aSnapshotStaysWhileTrainingGoesOn() {
    try (DecoderWeights initial = initial();
        Trainer trainer = new Trainer(initial, settings(NumericType.FP32, false));
        DecoderWeights snapshot = trainer.snapshot()) {
      String before = initial.digest();
      run(trainer, 0, 1);
      assertEquals(before, snapshot.digest());
      assertEquals(before, initial.digest());
      assertNotEquals(before, trainer.current().digest());
      trainer.restore(snapshot);
      assertEquals(before, trainer.current().digest());
    }
  }

  @ParameterizedTest
  @EnumSource(NumericType.class)
  void aFrozenDecoderStaysWhileTrainingGoesOn(NumericType compute) {
    List<TrainingSequence> sequences = EagerTraining.ragged(CONFIG, 1);
    try (DecoderWeights initial = initial();
        Trainer trainer = new Trainer(initial, settings(compute, false));
        ScoringEngine frozen = new ScoringEngine(trainer.current(), compute, 100)) {
      float[] before = frozen.logps(sequences, 1).get(0);
      assertArrayEquals(trainer.logps(sequences, 1).get(0), before);
      run(trainer, 0, 1);
      assertArrayEquals(before, frozen.logps(sequences, 1).get(0));
      assertNotEquals(before[0], trainer.logps(sequences, 1).get(0)[0]);
    }
  }

  @Test
  void refusesAStateThatLacksAMoment() {
    try (DecoderWeights initial = initial();
        Trainer trainer = new Trainer(initial, settings(NumericType.FP32, false))) {
      Map<String, HostTensor> moments = HostTensor.byName(trainer.optimizer().toHost());
      moments.remove("exp_avg_sq.model.norm.weight");
      var error =
          assertThrows(
              IllegalArgumentException.class, () -> trainer.optimizer().restore(moments, 3));
      assertEquals("tensor exp_avg_sq.model.norm.weight is missing", error.getMessage());
    }
  }

  @Test
  void refusesWeightsOfAnotherLayout() {
    var lora = new LoraSettings(2, 4, EnumSet.of(Target.Q));
    try (DecoderWeights initial = initial();
        DecoderWeights adapted = initial.withAdapters(lora, 1);
        DecoderWeights other = DecoderWeights.random(accelerator, TinyDecoders.llama(), 1);
        Trainer trainer = new Trainer(initial, settings(NumericType.FP32, false))) {
      assertThrows(IllegalArgumentException.class, () -> trainer.restore(other));
      var error = assertThrows(IllegalArgumentException.class, () -> trainer.restore(adapted));
      assertEquals(
          "weights of another layout cannot be copied in: tensor"
              + " model.layers.0.self_attn.q_proj.lora_A.weight is on one side only",
          error.getMessage());
      assertEquals(initial.digest(), trainer.current().digest());
    }
  }

  private static DecoderWeights initial() {
    return TinyDecoders.weights(accelerator, CONFIG, 12);
  }

  private static TrainerSettings settings(NumericType compute, boolean adapters) {
    TrainerSettings settings =
        TrainerSettings.of(new LearningRate(0.01, LearningRate.Kind.COSINE, 2, STEPS, 0.1))
            .withCompute(compute)
            .withMicroBatches(40, 1, true, false);
    return adapters
        ? settings.withAdapters(new LoraSettings(2, 4, EnumSet.of(Target.Q, Target.DOWN)), 3)
        : settings;
  }

  /** Steps whose sequences depend on the number of the step alone. */
  private static void run(Trainer trainer, int from, int to) {
    for (int step = from; step < to; step++) {
      var random = new Random(step);
      List<TrainingSequence> sequences =
          IntStream.range(0, 6)
              .mapToObj(i -> random.ints(5 + i, 0, CONFIG.vocabSize()).toArray())
              .map(tokens -> new TrainingSequence(tokens, 2))
              .toList();
      trainer.step(sequences, Selection.RESPONSE, 0.9, EagerTraining::mixedLoss);
    }
  }

  private static void assertSameState(Trainer expected, Trainer actual) {
    assertEquals(expected.steps(), actual.steps());
    assertEquals(expected.current().digest(), actual.current().digest());
    assertEquals(
        WeightsDigest.of(expected.optimizer().toHost()),
        WeightsDigest.of(actual.optimizer().toHost()));
  }
}

package dev.troupe.runtime.training;

import static dev.troupe.runtime.training.EagerTraining.MIX;
import static dev.troupe.runtime.training.EagerTraining.TEMPERATURE;
import static dev.troupe.runtime.training.EagerTraining.ragged;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.LoraSettings.Target;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import dev.troupe.runtime.training.EagerTraining.Mix;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How the divergence is computed, and on what, does not change what it is. */
class DivergenceInvarianceTest {
  /** The same products in another order, relative to the largest moment. */
  private static final double ROUNDING = 3e-6;

  /** Keeps one row of logits at a time and nothing for the backward pass. */
  private static final HeadMemory ROW_BY_ROW = new HeadMemory(1, 0);

  /** Five rows of the llama's 29 tokens, which do not divide its selected positions. */
  private static final HeadMemory FIVE_ROWS = new HeadMemory(5 * 29, 0);

  private static final HeadMemory FIVE_ROWS_KEPT = new HeadMemory(5 * 29, 1 << 30);

  private static Accelerator accelerator;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
  }

  @AfterAll
  static void close() {
    accelerator.close();
  }

  static Stream<Arguments> decoders() {
    return TinyDecoders.all().stream()
        .flatMap(config -> Stream.of(Divergence.values()).map(way -> Arguments.of(config, way)));
  }

  @ParameterizedTest
  @EnumSource(Divergence.class)
  void chunksOfTheHeadChangeNothing(Divergence way) {
    DecoderConfig config = TinyDecoders.llama();
    for (Mix mix : DivergenceTest.MIXES) {
      TrainerSettings settings = settings(1000, true, false);
      Outcome whole = step(config, way, mix, settings, HeadMemory.DEFAULT);
      for (HeadMemory memory : List.of(ROW_BY_ROW, FIVE_ROWS, FIVE_ROWS_KEPT)) {
        assertSame(whole, step(config, way, mix, settings, memory));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void microBatchesAndPaddingChangeNothing(DecoderConfig config, Divergence way) {
    Outcome whole = step(config, way, MIX, settings(1000, true, false), HeadMemory.DEFAULT);
    assertEquals(1, whole.report().microBatches());
    Outcome cut = step(config, way, MIX, settings(1, true, false), HeadMemory.DEFAULT);
    assertEquals(7, cut.report().microBatches());
    assertSame(whole, cut);
    assertSame(whole, step(config, way, MIX, settings(1000, false, false), HeadMemory.DEFAULT));
    assertSame(whole, step(config, way, MIX, settings(40, false, true), HeadMemory.DEFAULT));
  }

  @ParameterizedTest
  @EnumSource(NumericType.class)
  void aPolicyEqualToItsReferenceHasNoneToTheBit(NumericType compute) {
    var lora = new LoraSettings(2, 4, EnumSet.allOf(Target.class));
    for (Divergence way : Divergence.values()) {
      for (HeadMemory memory : List.of(HeadMemory.DEFAULT, FIVE_ROWS)) {
        TrainerSettings settings = settings(40, true, false).withCompute(compute);
        for (TrainerSettings each : List.of(settings, settings.withAdapters(lora, 1))) {
          try (DecoderWeights weights = TinyDecoders.weights(accelerator, TinyDecoders.llama(), 1);
              ScoringEngine reference = new ScoringEngine(weights, compute, 100);
              Trainer trainer = new Trainer(weights, each, memory)) {
            StepReport report =
                trainer.step(
                    ragged(TinyDecoders.llama(), 5),
                    Selection.RESPONSE,
                    TEMPERATURE,
                    new ReferenceDistribution(reference, way),
                    batch -> {
                      assertEquals(0, batch.divergenceBT().abs().sum().getFloat());
                      assertArrayEquals(
                          batch.logpBT().toFloatArray(), batch.referenceLogpBT().toFloatArray());
                      return batch.divergenceBT().sum();
                    });
            assertEquals(0, report.loss());
            assertEquals(0, report.gradientNorm());
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Divergence.class)
  void descendingItBringsThePolicyToItsReference(Divergence way) {
    DecoderConfig config = TinyDecoders.llama();
    List<TrainingSequence> sequences = ragged(config, 8);
    try (DecoderWeights weights = DecoderWeights.random(accelerator, config, 1);
        DecoderWeights before = TinyDecoders.weights(accelerator, config, 2);
        ScoringEngine engine = new ScoringEngine(before, NumericType.FP32, 100);
        Trainer trainer = new Trainer(weights, TrainerSettings.of(LearningRate.constant(5e-3)))) {
      var reference = new ReferenceDistribution(engine, way);
      double first = 0;
      double last = 0;
      for (int step = 0; step < 40; step++) {
        last =
            trainer
                .step(sequences, Selection.RESPONSE, 1, reference, b -> b.divergenceBT().sum())
                .loss();
        first = step == 0 ? last : first;
      }
      assertTrue(last < first / 10, "divergence went from " + first + " to " + last + " only");
    }
  }

  @Test
  void aStepWithoutResponseTokensHasADivergenceOfPaddingAlone() {
    DecoderConfig config = TinyDecoders.llama();
    var silent = List.of(new TrainingSequence(new int[] {3, 4}, 2));
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
        ScoringEngine engine = new ScoringEngine(weights, NumericType.FP32, 100);
        Trainer trainer = new Trainer(weights, settings(100, true, false))) {
      var reference = new ReferenceDistribution(engine, Divergence.POLICY_TO_REFERENCE);
      StepReport report =
          trainer.step(silent, Selection.RESPONSE, 1, reference, b -> b.divergenceBT().sum());
      assertEquals(0, report.loss());
      assertEquals(0, report.gradientNorm());
      trainer.step(
          silent,
          Selection.RESPONSE,
          1,
          batch -> {
            assertNull(batch.divergenceBT());
            assertNull(batch.referenceLogpBT());
            return batch.logpBT().sum();
          });
    }
  }

  @Test
  void refusesWhatCannotBeCompared() {
    DecoderConfig config = TinyDecoders.llama();
    List<TrainingSequence> sequences = ragged(config, 2);
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config.withScores(1), 1);
        DecoderWeights foreign = TinyDecoders.weights(accelerator, TinyDecoders.qwen2(), 1);
        DecoderWeights brief =
            TinyDecoders.weights(accelerator, DecoderConfig.llama(29, 32, 2, 4, 4, 48, 3), 1);
        ScoringEngine own = new ScoringEngine(weights, NumericType.FP32, 100);
        ScoringEngine other = new ScoringEngine(foreign, NumericType.FP32, 100);
        ScoringEngine shorter = new ScoringEngine(brief, NumericType.FP32, 100);
        Trainer trainer = new Trainer(weights, settings(100, true, false))) {
      refused(
          "the reference has a vocabulary of 31 tokens, the policy one of 29; distributions over"
              + " different vocabularies have no divergence",
          () -> step(trainer, sequences, Selection.RESPONSE, other));
      refused(
          "selection = VALUES has no distributions to compare with a reference; allowed is"
              + " RESPONSE",
          () -> step(trainer, sequences, Selection.VALUES, own));
      refused(
          "sequence 0: %d tokens do not fit the context of 3; shorten prompts or completions, or use a model with a longer context"
              .formatted(sequences.get(0).tokens().length - 1),
          () -> step(trainer, sequences, Selection.RESPONSE, shorter));
    }
  }

  private static void refused(String sentence, Runnable call) {
    assertEquals(sentence, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }

  private static void step(
      Trainer trainer,
      List<TrainingSequence> sequences,
      Selection selection,
      ScoringEngine reference) {
    trainer.step(
        sequences,
        selection,
        1,
        new ReferenceDistribution(reference, Divergence.REFERENCE_TO_POLICY),
        batch -> batch.divergenceBT().sum());
  }

  private static TrainerSettings settings(int tokens, boolean packing, boolean recompute) {
    return TrainerSettings.of(LearningRate.constant(0.01))
        .withShards(1)
        .withMicroBatches(tokens, 1, packing, recompute);
  }

  private record Outcome(StepReport report, Map<String, float[]> moments) {}

  private static Outcome step(
      DecoderConfig config, Divergence way, Mix mix, TrainerSettings settings, HeadMemory memory) {
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
        DecoderWeights before = TinyDecoders.weights(accelerator, config, 2);
        ScoringEngine reference = new ScoringEngine(before, NumericType.FP32, 100);
        Trainer trainer = new Trainer(weights, settings, memory)) {
      StepReport report =
          trainer.step(
              ragged(config, 7),
              Selection.RESPONSE,
              TEMPERATURE,
              new ReferenceDistribution(reference, way),
              mix::loss);
      return new Outcome(report, EagerTraining.moments(trainer));
    }
  }

  private static void assertSame(Outcome expected, Outcome actual) {
    double loss = expected.report().loss();
    assertEquals(loss, actual.report().loss(), Math.abs(loss) * ROUNDING);
    double largest = 0;
    for (float[] moment : expected.moments().values()) {
      for (float value : moment) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    assertTrue(largest > 1e-3, "the gradient was meant to be felt");
    for (var moment : expected.moments().entrySet()) {
      assertArrayEquals(
          moment.getValue(),
          actual.moments().get(moment.getKey()),
          (float) (largest * ROUNDING),
          moment.getKey());
    }
  }
}

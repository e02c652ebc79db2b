package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How a step is cut into pieces does not change what it does. */
class MicroBatchingTest {
  private static final int WHOLE = 8192;

  /**
   * The same products summed in another order: matrix products with other row counts round
   * differently by a few units of 2^-24, relative to the largest gradient.
   */
  private static final double ROUNDING = 2e-6;

  private static Accelerator accelerator;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
  }

  @AfterAll
  static void close() {
    accelerator.close();
  }

  static List<DecoderConfig> decoders() {
    return TinyDecoders.all();
  }

  /** Loss, norm and gradients (times a tenth of the clipping factor) of one step. */
  private record Outcome(StepReport report, Map<String, float[]> moments, String digest) {}

  @ParameterizedTest
  @MethodSource("decoders")
  void packingEqualsPadding(DecoderConfig config) {
    Outcome packed = step(config, settings(WHOLE, 1, true, false));
    Outcome padded = step(config, settings(WHOLE, 1, false, false));
    assertEquals(1, packed.report().microBatches());
    assertSame(packed, padded);
    assertEquals(packed.report().tokens(), padded.report().tokens());
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void manyMicroBatchesEqualOne(DecoderConfig config) {
    for (boolean packing : new boolean[] {true, false}) {
      Outcome whole = step(config, settings(WHOLE, 1, packing, false));
      Outcome cut = step(config, settings(1, 1, packing, false));
      assertEquals(1, whole.report().microBatches());
      assertEquals(7, cut.report().microBatches());
      assertSame(whole, cut);
    }
  }

  @ParameterizedTest
  @EnumSource(NumericType.class)
  void computingActivationsAgainGivesTheSameBits(NumericType compute) {
    for (DecoderConfig config : decoders()) {
      Outcome kept = step(config, settings(40, 1, true, false).withCompute(compute));
      Outcome again = step(config, settings(40, 1, true, true).withCompute(compute));
      assertEquals(kept.digest(), again.digest());
      assertEquals(kept.report(), again.report());
    }
  }

  @Test
  void aUnitOfRowsIsNeverSplit() {
    DecoderConfig config = TinyDecoders.llama();
    List<TrainingSequence> sequences = EagerTraining.ragged(config, 8);
    var seen = new ArrayList<Integer>();
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 3);
        Trainer trainer = new Trainer(weights, settings(1, 2, true, false))) {
      StepReport report =
          trainer.step(
              sequences,
              Selection.RESPONSE,
              1,
              batch -> {
                assertEquals(2, batch.rows().length);
                assertEquals(0, batch.rows()[0] % 2);
                Arrays.stream(batch.rows()).forEach(seen::add);
                return batch.logpBT().sum();
              });
      assertEquals(4, report.microBatches());
      assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7), seen);
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  trainer.step(
                      sequences.subList(0, 7),
                      Selection.RESPONSE,
                      1,
                      batch -> batch.logpBT().sum()));
      assertEquals("7 sequences do not divide into units of 2", error.getMessage());
    }
  }

  @Test
  void theBudgetCountsTokensWithPackingAndCellsWithout() {
    // Inputs of 4, 2 and 8 tokens: the last token of a sequence is only predicted.
    var sequences =
        List.of(
            new TrainingSequence(new int[5], 1),
            new TrainingSequence(new int[3], 1),
            new TrainingSequence(new int[9], 1));
    // packed 4 + 2 + 8 = 14; padded 2 x 4 = 8, 3 x 8 = 24
    assertArrayEquals(new int[] {3}, sizes(sequences, settings(14, 1, true, false)));
    assertArrayEquals(new int[] {2, 1}, sizes(sequences, settings(13, 1, true, false)));
    assertArrayEquals(new int[] {3}, sizes(sequences, settings(24, 1, false, false)));
    assertArrayEquals(new int[] {2, 1}, sizes(sequences, settings(23, 1, false, false)));
    assertArrayEquals(new int[] {2, 1}, sizes(sequences, settings(8, 1, false, false)));
    assertArrayEquals(new int[] {1, 1, 1}, sizes(sequences, settings(5, 1, true, false)));
  }

  @Test
  void aStepWithoutResponseTokensHasNoGradient() {
    DecoderConfig config = TinyDecoders.llama();
    var silent = List.of(new TrainingSequence(new int[] {3, 4}, 2));
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 3);
        Trainer trainer = new Trainer(weights, settings(WHOLE, 1, true, false))) {
      StepReport report =
          trainer.step(silent, Selection.RESPONSE, 1, batch -> batch.logpBT().sum());
      assertEquals(0, report.loss());
      assertEquals(0, report.gradientNorm());
      assertEquals(weights.digest(), trainer.current().digest());
      assertEquals(0, trainer.logps(silent, 1).get(0).length);
    }
  }

  private static int[] sizes(List<TrainingSequence> sequences, TrainerSettings settings) {
    return PackedBatch.split(sequences, 0, sequences.size(), Selection.RESPONSE, settings).stream()
        .mapToInt(rows -> rows.length)
        .toArray();
  }

  private static TrainerSettings settings(
      int tokens, int rows, boolean packing, boolean recompute) {
    return TrainerSettings.of(LearningRate.constant(0.01))
        .withShards(1)
        .withMicroBatches(tokens, rows, packing, recompute);
  }

  private static Outcome step(DecoderConfig config, TrainerSettings settings) {
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 2);
        Trainer trainer = new Trainer(weights, settings)) {
      StepReport report =
          trainer.step(
              EagerTraining.ragged(config, 7),
              Selection.RESPONSE,
              EagerTraining.TEMPERATURE,
              EagerTraining::mixedLoss);
      return new Outcome(report, EagerTraining.moments(trainer), trainer.current().digest());
    }
  }

  private static void assertSame(Outcome expected, Outcome actual) {
    double loss = expected.report().loss();
    assertEquals(loss, actual.report().loss(), Math.abs(loss) * ROUNDING);
    double norm = expected.report().gradientNorm();
    assertEquals(norm, actual.report().gradientNorm(), norm * ROUNDING);
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

package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.TensorType;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Training with bfloat16 products and float32 masters. */
class LowPrecisionTrainingTest {
  private static final int STEPS = 20;
  private static final double RATE = 1e-2;

  /**
   * Share of the loss: bfloat16 keeps 8 bits, so products are off by up to 2^-9 of themselves, and
   * twenty steps let two paths part by some times that.
   */
  private static final double LOSS_TOLERANCE = 0.04;

  private static final DecoderConfig CONFIG = TinyDecoders.qwen3();

  private static Accelerator accelerator;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
  }

  @AfterAll
  static void close() {
    accelerator.close();
  }

  @Test
  void lossesStayCloseToFloat32() {
    try (DecoderWeights initial = DecoderWeights.random(accelerator, CONFIG, 3);
        Trainer exact = trainer(initial, NumericType.FP32);
        Trainer narrow = trainer(initial, NumericType.BF16)) {
      double first = 0;
      double last = 0;
      for (int step = 0; step < STEPS; step++) {
        double expected = step(exact);
        double actual = step(narrow);
        assertEquals(expected, actual, expected * LOSS_TOLERANCE, "step " + step);
        first = step == 0 ? actual : first;
        last = actual;
      }
      assertTrue(last < first / 4, "loss went from " + first + " to " + last + " only");
    }
  }

  @Test
  void mastersAndMomentsStayFloat32AndKeepWhatBfloat16WouldLose() {
    try (DecoderWeights initial = DecoderWeights.random(accelerator, CONFIG, 3);
        Trainer trainer = trainer(initial, NumericType.BF16)) {
      step(trainer);
      for (NDArray array : trainer.current().arrays()) {
        assertEquals(DataType.FLOAT32, array.getDataType());
      }
      trainer.optimizer().toHost().forEach(m -> assertEquals(TensorType.F32, m.dtype()));
      HostTensor gain = HostTensor.byName(trainer.current().toHost()).get("model.norm.weight");
      // AdamW's first step moves by the rate; near 1 bfloat16 has multiples of 2^-8 or 2^-7 only
      float moved = Math.abs(gain.toFloats()[0] - 1);
      assertEquals(RATE, moved, RATE * 1e-2);
    }
  }

  private static Trainer trainer(DecoderWeights initial, NumericType compute) {
    return new Trainer(
        initial, TrainerSettings.of(LearningRate.constant(RATE)).withCompute(compute));
  }

  /** One step of supervised learning: count on, from the prompt's number. */
  private static double step(Trainer trainer) {
    List<TrainingSequence> sequences =
        IntStream.range(0, 8)
            .mapToObj(start -> IntStream.range(0, 12).map(i -> 3 + (start + i) % 30).toArray())
            .map(tokens -> new TrainingSequence(tokens, 1))
            .toList();
    float share = -1f / (8 * 11);
    return trainer
        .step(
            sequences,
            Selection.RESPONSE,
            1,
            batch -> batch.logpBT().sum().mul(batch.manager().create(share)))
        .loss();
  }
}

package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Steps whose gradient is known before the weights move. */
class PendingStepTest {
  private static final double MAX_NORM = 0.5;

  /** One division and two products in float32. */
  private static final double RELATIVE_TOLERANCE = 1e-6;

  private static final DecoderConfig CONFIG = TinyDecoders.biased();
  private static final List<TrainingSequence> SEQUENCES = EagerTraining.ragged(CONFIG, 4);
  private static final LossFunction LOSS = EagerTraining::mixedLoss;

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
  void twoModelsClippedAsOneHaveTheConcatenatedGradientClipped() {
    LossFunction steep = batch -> LOSS.loss(batch).mul(batch.manager().create(3f));
    try (Trainer one = trainer(1, MAX_NORM);
        Trainer two = trainer(2, MAX_NORM);
        Trainer oneFree = trainer(1, 1e30);
        Trainer twoFree = trainer(2, 1e30)) {
      step(oneFree, LOSS);
      step(twoFree, steep);
      List<Float> whole = new ArrayList<>(gradient(oneFree));
      whole.addAll(gradient(twoFree));
      // What clipping does to one long vector: g * min(1, max / (|g| + 1e-6)).
      double norm = Math.sqrt(whole.stream().mapToDouble(g -> (double) g * g).sum());
      double scale = MAX_NORM / (norm + 1e-6);
      assertTrue(scale < 1, "nothing is clipped");

      try (PendingStep first = prepare(one, LOSS);
          PendingStep second = prepare(two, steep)) {
        double joint = PendingStep.jointNorm(first, second);
        assertEquals(norm, joint, norm * RELATIVE_TOLERANCE);
        second.apply(joint);
        StepReport report = first.apply(joint);
        assertEquals(first.gradientNorm(), report.gradientNorm());
      }
      List<Float> clipped = new ArrayList<>(gradient(one));
      clipped.addAll(gradient(two));
      double after = Math.sqrt(clipped.stream().mapToDouble(g -> (double) g * g).sum());
      assertEquals(MAX_NORM, after, MAX_NORM * 1e-5);
      for (int i = 0; i < clipped.size(); i++) {
        double expected = whole.get(i) * scale;
        assertEquals(expected, clipped.get(i), Math.abs(expected) * RELATIVE_TOLERANCE + 1e-12);
      }
    }
  }

  @Test
  void aStepThatIsAppliedByItselfIsAStepToTheBit() {
    try (Trainer whole = trainer(1, MAX_NORM);
        Trainer split = trainer(1, MAX_NORM)) {
      StepReport expected = step(whole, LOSS);
      try (PendingStep pending = prepare(split, LOSS)) {
        assertEquals(0, split.steps());
        assertEquals(expected, pending.apply());
      }
      assertEquals(whole.current().digest(), split.current().digest());
      assertEquals(
          WeightsDigest.of(whole.optimizer().toHost()),
          WeightsDigest.of(split.optimizer().toHost()));
    }
  }

  @Test
  void aStepThatIsClosedInsteadLeavesNothingBehind() {
    try (Trainer undisturbed = trainer(1, MAX_NORM);
        Trainer disturbed = trainer(1, MAX_NORM)) {
      prepare(disturbed, LOSS).close();
      step(undisturbed, LOSS);
      step(disturbed, LOSS);
      assertEquals(undisturbed.current().digest(), disturbed.current().digest());
    }
  }

  @Test
  void onlyOneStepIsPendingAndItIsAppliedOnce() {
    try (Trainer trainer = trainer(1, MAX_NORM)) {
      try (PendingStep pending = prepare(trainer, LOSS)) {
        var second = assertThrows(IllegalStateException.class, () -> prepare(trainer, LOSS));
        assertEquals(
            "optimizer step 0 was neither applied nor closed; do that before the next one",
            second.getMessage());
        assertThrows(
            IllegalArgumentException.class, () -> pending.apply(pending.gradientNorm() / 2));
        pending.apply();
        assertThrows(IllegalStateException.class, pending::apply);
      }
      step(trainer, LOSS);
      assertEquals(2, trainer.steps());
    }
  }

  private static StepReport step(Trainer trainer, LossFunction loss) {
    return trainer.step(SEQUENCES, Selection.RESPONSE, EagerTraining.TEMPERATURE, loss);
  }

  private static PendingStep prepare(Trainer trainer, LossFunction loss) {
    return trainer.prepare(SEQUENCES, Selection.RESPONSE, EagerTraining.TEMPERATURE, loss);
  }

  /** The gradient that the optimizer saw in the first step: its first moment with beta1 = 0. */
  private static List<Float> gradient(Trainer trainer) {
    var all = new ArrayList<Float>();
    Map<String, float[]> moments = EagerTraining.moments(trainer);
    moments.keySet().stream()
        .sorted()
        .forEach(
            name -> {
              for (float value : moments.get(name)) {
                all.add(value);
              }
            });
    return all;
  }

  private static Trainer trainer(long seed, double maxNorm) {
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, CONFIG, seed)) {
      return new Trainer(
          weights,
          new TrainerSettings(
              LearningRate.constant(0.01),
              0,
              0.9,
              1e-6,
              0,
              maxNorm,
              NumericType.FP32,
              8192,
              1,
              4,
              true,
              false,
              Optional.empty(),
              0));
    }
  }
}

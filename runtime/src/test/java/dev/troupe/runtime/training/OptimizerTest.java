package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** AdamW against its formulas in double precision, and steps that must not happen. */
class OptimizerTest {
  private static final double BETA1 = 0.8;
  private static final double BETA2 = 0.9;
  private static final double EPSILON = 1e-6;
  private static final double DECAY = 0.3;
  private static final double MAX_NORM = 2;
  private static final int STEPS = 5;

  /** Weights of about 1 in float32, a handful of roundings a step. */
  private static final float WEIGHT_TOLERANCE = 1e-6f;

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

  /** One weight tensor as the formulas see it. */
  private static final class Parameter {
    private final double[] weight;
    private final double[] first;
    private final double[] second;
    private final double decay;

    Parameter(HostTensor tensor) {
      float[] values = tensor.toFloats();
      weight = new double[values.length];
      first = new double[values.length];
      second = new double[values.length];
      decay = tensor.shape().length == 2 ? DECAY : 0;
      for (int i = 0; i < values.length; i++) {
        weight[i] = values[i];
      }
    }

    /** Loshchilov and Hutter 2019, algorithm 2. */
    void step(int t, double rate, double clip, float[] gradient) {
      for (int i = 0; i < weight.length; i++) {
        double g = clip * gradient[i];
        first[i] = BETA1 * first[i] + (1 - BETA1) * g;
        second[i] = BETA2 * second[i] + (1 - BETA2) * g * g;
        double mean = first[i] / (1 - Math.pow(BETA1, t));
        double square = second[i] / (1 - Math.pow(BETA2, t));
        weight[i] -= rate * (decay * weight[i] + mean / (Math.sqrt(square) + EPSILON));
      }
    }
  }

  @Test
  void fiveStepsFollowAdamWInDoublePrecision() {
    var rates = new LearningRate(0.02, LearningRate.Kind.COSINE, 2, 6, 0.1);
    int clipped = 0;
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, CONFIG, 2);
        Trainer trainer = new Trainer(weights, adamW(rates, BETA1, MAX_NORM));
        // With beta1 = 0, no rate and no clipping the first moment is the gradient.
        Trainer probe = new Trainer(weights, adamW(LearningRate.constant(0), 0, 1e30))) {
      Map<String, Parameter> parameters = new TreeMap<>();
      weights.toHost().forEach(tensor -> parameters.put(tensor.name(), new Parameter(tensor)));
      for (int step = 0; step < STEPS; step++) {
        probe.restore(trainer.current());
        probe.step(SEQUENCES, Selection.RESPONSE, EagerTraining.TEMPERATURE, LOSS);
        Map<String, float[]> gradients = EagerTraining.moments(probe);
        double norm = EagerTraining.norm(gradients);
        StepReport report =
            trainer.step(SEQUENCES, Selection.RESPONSE, EagerTraining.TEMPERATURE, LOSS);
        assertEquals(norm, report.gradientNorm(), norm * 1e-6);
        assertEquals(rates.at(step), report.learningRate());
        double clip = Math.min(1, MAX_NORM / (norm + 1e-6));
        clipped += clip < 1 ? 1 : 0;
        for (HostTensor tensor : trainer.current().toHost()) {
          Parameter parameter = parameters.get(tensor.name());
          parameter.step(step + 1, rates.at(step), clip, gradients.get(tensor.name()));
          float[] actual = tensor.toFloats();
          for (int i = 0; i < actual.length; i++) {
            assertEquals(
                parameter.weight[i],
                actual[i],
                WEIGHT_TOLERANCE * Math.max(1, Math.abs(actual[i])),
                tensor.name() + " after step " + step);
          }
        }
      }
    }
    assertTrue(clipped > 0, "no step was clipped");
  }

  @Test
  void aGradientThatIsNotFiniteLeavesEverythingAsItWas() {
    refuses(batch -> batch.logpBT().mul(constant(batch, Float.POSITIVE_INFINITY)).sum());
  }

  @Test
  void aLossThatIsNotFiniteLeavesEverythingAsItWas() {
    refuses(batch -> batch.logpBT().sum().add(constant(batch, Float.NaN)));
  }

  @Test
  void aLossThatFailsInALaterMicroBatchLeavesEverythingAsItWas() {
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, CONFIG, 2);
        Trainer trainer = new Trainer(weights, small());
        Trainer undisturbed = new Trainer(weights, small())) {
      int[] calls = {0};
      assertThrows(
          IllegalStateException.class,
          () ->
              trainer.step(
                  SEQUENCES,
                  Selection.RESPONSE,
                  1,
                  batch -> {
                    if (calls[0]++ == 1) {
                      throw new IllegalStateException("a reward is missing");
                    }
                    return batch.logpBT().sum();
                  }));
      assertEquals(2, calls[0]);
      assertGoesOnLike(undisturbed, trainer);
    }
  }

  private static void refuses(LossFunction loss) {
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, CONFIG, 2);
        Trainer trainer = new Trainer(weights, small());
        Trainer undisturbed = new Trainer(weights, small())) {
      trainer.step(SEQUENCES, Selection.RESPONSE, 1, LOSS);
      undisturbed.step(SEQUENCES, Selection.RESPONSE, 1, LOSS);
      String moments = WeightsDigest.of(trainer.optimizer().toHost());
      var error =
          assertThrows(
              ArithmeticException.class,
              () -> trainer.step(SEQUENCES, Selection.RESPONSE, 1, loss));
      String message = error.getMessage();
      assertTrue(message.startsWith("optimizer step 1 has loss "), message);
      assertTrue(
          message.endsWith(
              ": not finite, so the weights were left as they were; lower the learning rate or look"
                  + " at the rewards and log-probabilities of this step"),
          message);
      assertEquals(1, trainer.steps());
      assertEquals(undisturbed.current().digest(), trainer.current().digest());
      assertEquals(moments, WeightsDigest.of(trainer.optimizer().toHost()));
      assertGoesOnLike(undisturbed, trainer);
    }
  }

  private static void assertGoesOnLike(Trainer undisturbed, Trainer trainer) {
    trainer.step(SEQUENCES, Selection.RESPONSE, 1, LOSS);
    undisturbed.step(SEQUENCES, Selection.RESPONSE, 1, LOSS);
    assertEquals(undisturbed.current().digest(), trainer.current().digest());
  }

  private static NDArray constant(MicroBatch batch, float value) {
    return batch.manager().create(value);
  }

  private static TrainerSettings small() {
    return TrainerSettings.of(LearningRate.constant(0.01)).withMicroBatches(1, 1, true, false);
  }

  private static TrainerSettings adamW(LearningRate rate, double beta1, double maxNorm) {
    return new TrainerSettings(
        rate,
        beta1,
        BETA2,
        EPSILON,
        DECAY,
        maxNorm,
        NumericType.FP32,
        8192,
        1,
        4,
        true,
        false,
        Optional.empty(),
        0);
  }
}

package dev.troupe.runtime.training;

import static dev.troupe.runtime.training.EagerTraining.TEMPERATURE;
import static dev.troupe.runtime.training.EagerTraining.inputs;
import static dev.troupe.runtime.training.EagerTraining.mixedStep;
import static dev.troupe.runtime.training.EagerTraining.moments;
import static dev.troupe.runtime.training.EagerTraining.norm;
import static dev.troupe.runtime.training.EagerTraining.ragged;
import static dev.troupe.runtime.training.EagerTraining.targets;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.EagerDecoder;
import dev.troupe.runtime.model.TinyDecoders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The training program and a plain DJL decoder agree in values, gradients and one AdamW step. */
class ProgramAgainstEagerTest {
  private static final float VALUE_TOLERANCE = 2e-5f;
  private static final float GRADIENT_TOLERANCE = 2e-4f;
  private static final float WEIGHT_TOLERANCE = 2e-5f;

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

  @ParameterizedTest
  @MethodSource("decoders")
  void logProbabilitiesAgreeForRaggedBatches(DecoderConfig config) {
    List<TrainingSequence> sequences = ragged(config, 5);
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
        EagerDecoder eager = new EagerDecoder(weights);
        Trainer trainer = new Trainer(weights, TrainerSettings.of(LearningRate.constant(0)))) {
      List<float[]> program = trainer.logps(sequences, TEMPERATURE);
      for (int i = 0; i < sequences.size(); i++) {
        assertArrayEquals(
            eagerLogps(eager, sequences.get(i), TEMPERATURE), program.get(i), VALUE_TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void oneStepWithLogpEntropyAndScoresMovesEveryWeightLikeEagerAutograd(DecoderConfig config) {
    List<TrainingSequence> sequences = ragged(config, 6);
    double rate = 0.01;
    for (boolean recompute : new boolean[] {false, true}) {
      try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 2);
          EagerDecoder eager = new EagerDecoder(weights);
          Trainer trainer =
              new Trainer(
                  weights,
                  TrainerSettings.of(LearningRate.constant(rate))
                      .withMicroBatches(30, 1, true, recompute))) {
        StepReport report =
            trainer.step(sequences, Selection.RESPONSE, TEMPERATURE, EagerTraining::mixedLoss);
        assertTrue(report.microBatches() > 1, "the budget was meant to split the step");
        Map<String, float[]> gradients = new HashMap<>();
        double loss = mixedStep(eager, sequences, gradients);
        assertEquals(loss, report.loss(), 1e-4);
        double norm = norm(gradients);
        assertEquals(norm, report.gradientNorm(), norm * 1e-4);
        try (DecoderWeights after = trainer.snapshot()) {
          Map<String, float[]> moments = moments(trainer);
          double clip = Math.min(1, 1 / (norm + 1e-6));
          for (HostTensor tensor : after.toHost()) {
            float[] gradient = gradients.get(tensor.name());
            float[] expectedMoment = new float[gradient.length];
            float[] expected = eager.weight(tensor.name()).toFloatArray();
            for (int i = 0; i < gradient.length; i++) {
              double g = gradient[i] * clip;
              expectedMoment[i] = (float) (0.1 * g);
              // first AdamW step: both bias corrections cancel, so the move is rate * g / (|g| +
              // eps)
              expected[i] -= (float) (rate * g / (Math.abs(g) + 1e-8));
            }
            assertArrayEquals(
                expectedMoment,
                moments.get(tensor.name()),
                GRADIENT_TOLERANCE * 0.1f,
                "gradient of " + tensor.name());
            float[] actual = tensor.toFloats();
            for (int i = 0; i < actual.length; i++) {
              if (Math.abs(gradient[i] * clip) > 1e-5) { // below, the sign is rounding
                assertEquals(expected[i], actual[i], WEIGHT_TOLERANCE, tensor.name());
              }
            }
          }
        }
      }
    }
  }

  private static float[] eagerLogps(EagerDecoder eager, TrainingSequence s, double temperature) {
    NDArray logits = eager.logits(inputs(eager.manager(), s));
    NDArray at = logits.get(":," + (s.promptLength() - 1) + ":").reshape(s.responseLength(), -1);
    return at.div(temperature)
        .logSoftmax(-1)
        .gather(targets(eager.manager(), s), 1)
        .reshape(-1)
        .toFloatArray();
  }
}

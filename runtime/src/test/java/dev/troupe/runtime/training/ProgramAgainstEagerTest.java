package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.EagerDecoder;
import dev.troupe.runtime.model.TinyDecoders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
    accelerator = Accelerator.of("cpu", 2);
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
      List<float[]> program = trainer.logps(sequences, 0.7);
      for (int i = 0; i < sequences.size(); i++) {
        assertArrayEquals(
            eagerLogps(eager, sequences.get(i), 0.7), program.get(i), VALUE_TOLERANCE);
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
        StepReport report = trainer.step(sequences, Selection.RESPONSE, 0.7, this::mixedLoss);
        assertTrue(report.microBatches() > 1, "the budget was meant to split the step");
        Map<String, float[]> gradients = new HashMap<>();
        double loss = eagerStep(eager, sequences, gradients);
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

  /** Sum of c1 logp + c2 entropy (+ c3 score^2) with coefficients that differ by position. */
  private NDArray mixedLoss(MicroBatch batch) {
    NDManager m = batch.manager();
    int width = batch.width();
    float[] coefficient = new float[batch.rows().length * width];
    for (int b = 0; b < batch.rows().length; b++) {
      for (int t = 0; t < width; t++) {
        coefficient[b * width + t] = coefficient(batch.rows()[b], t);
      }
    }
    NDArray c = m.create(coefficient, batch.maskBT().getShape()).mul(batch.maskBT());
    NDArray loss =
        batch.logpBT().mul(c).sum().add(batch.entropyBT().mul(c).mul(m.create(0.5f)).sum());
    if (batch.scoresBTC() != null) {
      loss = loss.add(batch.scoresBTC().square().sum(new int[] {-1}).mul(c).sum());
    }
    return loss;
  }

  private static float coefficient(int row, int t) {
    return (row % 2 == 0 ? 1 : -0.5f) * (0.1f + 0.05f * t);
  }

  private double eagerStep(
      EagerDecoder eager, List<TrainingSequence> sequences, Map<String, float[]> gradients) {
    eager.requireGradients();
    double total = 0;
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDArray loss = eager.manager().create(0f);
      NDArray temperature = eager.manager().create(0.7f);
      NDArray half = eager.manager().create(0.5f);
      for (int i = 0; i < sequences.size(); i++) {
        TrainingSequence s = sequences.get(i);
        NDArray hidden = eager.hidden(inputs(eager.manager(), s));
        int first = s.promptLength() - 1;
        NDArray at = hidden.get(":," + first + ":").reshape(s.responseLength(), -1);
        NDArray lp = eager.head(at).div(temperature).logSoftmax(-1);
        NDArray chosen = lp.gather(targets(eager.manager(), s), 1).reshape(-1);
        NDArray entropy = lp.exp().mul(lp).sum(new int[] {-1}).neg();
        float[] c = new float[s.responseLength()];
        for (int t = 0; t < c.length; t++) {
          c[t] = coefficient(i, t);
        }
        NDArray weight = eager.manager().create(c);
        loss = loss.add(chosen.mul(weight).sum()).add(entropy.mul(weight).mul(half).sum());
        if (eager.weight("score.weight") != null) {
          NDArray score =
              at.matMul(eager.weight("score.weight").transpose()).add(eager.weight("score.bias"));
          loss = loss.add(score.square().sum(new int[] {-1}).mul(weight).sum());
        }
      }
      collector.backward(loss);
      total = loss.getFloat();
    }
    eager
        .weights()
        .forEach((name, weight) -> gradients.put(name, weight.getGradient().toFloatArray()));
    return total;
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

  private static NDArray inputs(NDManager manager, TrainingSequence s) {
    long[] tokens = new long[s.tokens().length - 1];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = s.tokens()[i];
    }
    return manager.create(tokens, new Shape(1, tokens.length));
  }

  private static NDArray targets(NDManager manager, TrainingSequence s) {
    long[] targets = new long[s.responseLength()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = s.tokens()[s.promptLength() + i];
    }
    return manager.create(targets, new Shape(targets.length, 1));
  }

  private static Map<String, float[]> moments(Trainer trainer) {
    var moments = new HashMap<String, float[]>();
    for (HostTensor tensor : trainer.optimizer().toHost()) {
      if (tensor.name().startsWith("exp_avg.")) {
        moments.put(tensor.name().substring("exp_avg.".length()), tensor.toFloats());
      }
    }
    return moments;
  }

  private static double norm(Map<String, float[]> gradients) {
    double sum = 0;
    for (float[] gradient : gradients.values()) {
      for (float g : gradient) {
        sum += (double) g * g;
      }
    }
    return Math.sqrt(sum);
  }

  static List<TrainingSequence> ragged(DecoderConfig config, int rows) {
    var random = new Random(7);
    var sequences = new ArrayList<TrainingSequence>();
    for (int i = 0; i < rows; i++) {
      int[] tokens = random.ints(5 + random.nextInt(12), 0, config.vocabSize()).toArray();
      sequences.add(new TrainingSequence(tokens, 1 + random.nextInt(3)));
    }
    return sequences;
  }
}

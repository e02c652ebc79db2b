package dev.troupe.runtime.training;

import static dev.troupe.runtime.training.EagerTraining.MIX;
import static dev.troupe.runtime.training.EagerTraining.TEMPERATURE;
import static dev.troupe.runtime.training.EagerTraining.divergences;
import static dev.troupe.runtime.training.EagerTraining.logProbabilities;
import static dev.troupe.runtime.training.EagerTraining.ragged;
import static dev.troupe.runtime.training.EagerTraining.states;
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
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.LoraSettings.Target;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import dev.troupe.runtime.training.EagerTraining.Mix;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The divergence between policy and reference over the whole vocabulary, and its gradient. */
class DivergenceTest {
  private static final float VALUE_TOLERANCE = 5e-5f;

  /** A tenth of gradients whose norm is clipped to 1. */
  private static final float MOMENT_TOLERANCE = 2e-6f;

  /**
   * bfloat16 keeps 8 bits: logits of about 3, divided by 0.7, are off by about 2^-6, and so is the
   * mean of their differences where policy and reference lie 3 nats apart.
   */
  private static final float NARROW_TOLERANCE = 0.06f;

  /** Alone and with its neighbours: with entropy nothing is kept, without it everything. */
  static final List<Mix> MIXES =
      List.of(new Mix(0, 0, 1), new Mix(1, 0, 0.3f), new Mix(0, 0.5f, 1), MIX);

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
  @MethodSource("decoders")
  void valuesFollowTheEagerDecoder(DecoderConfig config, Divergence way) {
    List<TrainingSequence> sequences = ragged(config, 5);
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
        DecoderWeights before = TinyDecoders.weights(accelerator, config, 2);
        EagerDecoder policy = new EagerDecoder(weights);
        EagerDecoder frozen = new EagerDecoder(before);
        ScoringEngine reference = new ScoringEngine(before, NumericType.FP32, 100)) {
      Seen seen = see(weights, reference, way, sequences, NumericType.FP32);
      List<float[]> scored = reference.logps(sequences, TEMPERATURE);
      for (int i = 0; i < sequences.size(); i++) {
        TrainingSequence s = sequences.get(i);
        NDArray lp = logProbabilities(policy, states(policy, s));
        NDArray lq = logProbabilities(frozen, states(frozen, s));
        float[] logq = lq.gather(targets(frozen.manager(), s), 1).reshape(-1).toFloatArray();
        assertArrayEquals(logq, seen.referenceLogps().get(i), VALUE_TOLERANCE);
        assertArrayEquals(scored.get(i), seen.referenceLogps().get(i), VALUE_TOLERANCE);
        assertArrayEquals(
            divergences(lp, lq, way).toFloatArray(), seen.divergences().get(i), VALUE_TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void gradientsFollowEagerAutogradAloneAndWithLogpAndEntropy(
      DecoderConfig config, Divergence way) {
    for (Mix mix : MIXES) {
      for (boolean recompute : new boolean[] {false, true}) {
        followsEager(config, config, way, mix, settings(30, true, recompute), HeadMemory.DEFAULT);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Divergence.class)
  void gradientsFollowEagerAutogradForALargerReference(Divergence way) {
    DecoderConfig policy = TinyDecoders.llama();
    DecoderConfig reference = DecoderConfig.llama(policy.vocabSize(), 48, 3, 6, 2, 64, 64);
    for (Mix mix : MIXES) {
      followsEager(policy, reference, way, mix, settings(30, true, false), HeadMemory.DEFAULT);
    }
  }

  /** With W' = W + s B A and B = 0: dL/dB = s dL/dW' A^T, and nothing for A. */
  @ParameterizedTest
  @MethodSource("decoders")
  void adaptersGetTheGradientOfTheirMatrices(DecoderConfig config, Divergence way) {
    var lora = new LoraSettings(3, 6, EnumSet.of(Target.Q, Target.DOWN));
    List<TrainingSequence> sequences = ragged(config, 5);
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
        DecoderWeights before = TinyDecoders.weights(accelerator, config, 2);
        EagerDecoder policy = new EagerDecoder(weights);
        EagerDecoder frozen = new EagerDecoder(before);
        ScoringEngine reference = new ScoringEngine(before, NumericType.FP32, 100);
        Trainer trainer = new Trainer(weights, settings(30, true, false).withAdapters(lora, 4))) {
      Map<String, HostTensor> adapters = HostTensor.byName(trainer.current().toHost());
      StepReport report =
          trainer.step(
              sequences,
              Selection.RESPONSE,
              TEMPERATURE,
              new ReferenceDistribution(reference, way),
              EagerTraining::mixedLoss);
      Map<String, float[]> full = new HashMap<>();
      assertEquals(MIX.step(policy, frozen, way, sequences, full), report.loss(), 2e-4);
      Map<String, float[]> moments = EagerTraining.moments(trainer);
      double factor = 0.1 * Math.min(1, 1 / (report.gradientNorm() + 1e-6)) * lora.scale();
      for (String module : List.of("self_attn.q_proj", "mlp.down_proj")) {
        String name = "model.layers.1." + module;
        float[] a = adapters.get(name + ".lora_A.weight").toFloats();
        float[] slope = full.get(name + ".weight");
        int inputs = a.length / 3;
        float[] expected = new float[slope.length / inputs * 3];
        for (int out = 0; out < slope.length / inputs; out++) {
          for (int r = 0; r < 3; r++) {
            double sum = 0;
            for (int in = 0; in < inputs; in++) {
              sum += (double) slope[out * inputs + in] * a[r * inputs + in];
            }
            expected[out * 3 + r] = (float) (factor * sum);
          }
        }
        assertArrayEquals(expected, moments.get(name + ".lora_B.weight"), 10 * MOMENT_TOLERANCE);
        assertArrayEquals(new float[a.length], moments.get(name + ".lora_A.weight"));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void lowPrecisionStaysCloseToFloat32(DecoderConfig config, Divergence way) {
    List<TrainingSequence> sequences = ragged(config, 5);
    try (DecoderWeights weights = DecoderWeights.random(accelerator, config, 1);
        DecoderWeights before = DecoderWeights.random(accelerator, config, 2);
        ScoringEngine exact = new ScoringEngine(before, NumericType.FP32, 100);
        ScoringEngine narrow = new ScoringEngine(before, NumericType.BF16, 100)) {
      Seen expected = see(weights, exact, way, sequences, NumericType.FP32);
      Seen actual = see(weights, narrow, way, sequences, NumericType.BF16);
      for (int i = 0; i < sequences.size(); i++) {
        assertArrayEquals(
            expected.divergences().get(i), actual.divergences().get(i), NARROW_TOLERANCE);
      }
      double cosine = cosine(expected.moments(), actual.moments());
      assertTrue(cosine > 0.999, "cosine of the gradients " + cosine);
    }
  }

  private static TrainerSettings settings(int tokens, boolean packing, boolean recompute) {
    return TrainerSettings.of(LearningRate.constant(0.01))
        .withMicroBatches(tokens, 1, packing, recompute);
  }

  /** What a loss saw of each sequence, and the gradient of the sum of divergences. */
  private record Seen(
      List<float[]> referenceLogps, List<float[]> divergences, Map<String, float[]> moments) {}

  private static Seen see(
      DecoderWeights weights,
      ScoringEngine engine,
      Divergence way,
      List<TrainingSequence> sequences,
      NumericType compute) {
    var logps = new ArrayList<float[]>();
    var divergences = new ArrayList<float[]>();
    try (Trainer trainer = new Trainer(weights, settings(30, true, false).withCompute(compute))) {
      trainer.step(
          sequences,
          Selection.RESPONSE,
          TEMPERATURE,
          new ReferenceDistribution(engine, way),
          batch -> {
            for (int b = 0; b < batch.rows().length; b++) {
              int length = sequences.get(batch.rows()[b]).responseLength();
              logps.add(batch.referenceLogpBT().get(b).get(":" + length).toFloatArray());
              divergences.add(batch.divergenceBT().get(b).get(":" + length).toFloatArray());
            }
            return batch.divergenceBT().sum();
          });
      return new Seen(logps, divergences, EagerTraining.moments(trainer));
    }
  }

  private static void followsEager(
      DecoderConfig config,
      DecoderConfig referenceConfig,
      Divergence way,
      Mix mix,
      TrainerSettings settings,
      HeadMemory memory) {
    List<TrainingSequence> sequences = ragged(config, 6);
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
        DecoderWeights before = TinyDecoders.weights(accelerator, referenceConfig, 2);
        EagerDecoder policy = new EagerDecoder(weights);
        EagerDecoder frozen = new EagerDecoder(before);
        ScoringEngine reference = new ScoringEngine(before, NumericType.FP32, 100);
        Trainer trainer = new Trainer(weights, settings, memory)) {
      StepReport report =
          trainer.step(
              sequences,
              Selection.RESPONSE,
              TEMPERATURE,
              new ReferenceDistribution(reference, way),
              mix::loss);
      Map<String, float[]> gradients = new HashMap<>();
      double loss = mix.step(policy, frozen, way, sequences, gradients);
      assertEquals(loss, report.loss(), 2e-4);
      assertTrue(report.microBatches() > 1, "the budget was meant to split the step");
      assertTrue(report.gradientNorm() > 1, "the gradient was meant to be clipped");
      double factor = 0.1 / (report.gradientNorm() + 1e-6);
      Map<String, float[]> moments = EagerTraining.moments(trainer);
      gradients.forEach(
          (name, gradient) -> {
            float[] expected = new float[gradient.length];
            for (int i = 0; i < expected.length; i++) {
              expected[i] = (float) (factor * gradient[i]);
            }
            assertArrayEquals(expected, moments.get(name), MOMENT_TOLERANCE, name);
          });
    }
  }

  private static double cosine(Map<String, float[]> a, Map<String, float[]> b) {
    double product = 0;
    double squaresA = 0;
    double squaresB = 0;
    for (String name : a.keySet()) {
      float[] x = a.get(name);
      float[] y = b.get(name);
      for (int i = 0; i < x.length; i++) {
        product += (double) x[i] * y[i];
        squaresA += (double) x[i] * x[i];
        squaresB += (double) y[i] * y[i];
      }
    }
    return product / Math.sqrt(squaresA * squaresB);
  }
}

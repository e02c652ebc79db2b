package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.EagerDecoder;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.LoraSettings.Target;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Low-rank adapters: what they compute, what they learn and what they leave alone. */
class LoraTest {
  private static final float VALUE_TOLERANCE = 2e-5f;
  private static final float GRADIENT_TOLERANCE = 2e-5f;

  /** What adapters must change for a test of them to mean anything. */
  private static final float FELT = 1e-3f;

  private static final int RANK = 3;
  private static final double ALPHA = 6;

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
  @EnumSource(Target.class)
  void mergedWeightsScoreLikeTheAdaptersOfEveryTarget(Target target) {
    for (DecoderConfig config : decoders()) {
      if (target == Target.GATE && !config.traits().feedForward().isGated()) {
        continue;
      }
      List<TrainingSequence> sequences = EagerTraining.ragged(config, 3);
      try (DecoderWeights base = TinyDecoders.weights(accelerator, config, 6);
          DecoderWeights adapted = adapted(base, EnumSet.of(target));
          DecoderWeights merged = adapted.merged()) {
        assertEquals(base.toHost().size(), merged.toHost().size());
        List<float[]> plain = logps(base, sequences);
        List<float[]> withAdapters = logps(adapted, sequences);
        List<float[]> withMerged = logps(merged, sequences);
        float change = 0;
        for (int i = 0; i < sequences.size(); i++) {
          assertArrayEquals(withMerged.get(i), withAdapters.get(i), VALUE_TOLERANCE);
          for (int t = 0; t < plain.get(i).length; t++) {
            change = Math.max(change, Math.abs(plain.get(i)[t] - withAdapters.get(i)[t]));
          }
        }
        assertTrue(change > FELT, "the adapters of " + target + " do nothing");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void generationMergesTheAdaptersToTheBit(DecoderConfig config) {
    Sampling sampling = Sampling.plain(20, List.of());
    var unit = List.of(new GenerationRequest(1, new int[] {4, 5, 6}, 3));
    try (DecoderWeights base = TinyDecoders.weights(accelerator, config, 6);
        DecoderWeights adapted = adapted(base, EnumSet.allOf(Target.class));
        DecoderWeights merged = adapted.merged();
        GenerationEngine engine = new GenerationEngine(accelerator, config, NumericType.FP32)) {
      engine.adopt(adapted);
      List<Completion> withAdapters = engine.generate(unit, sampling, 9, null).get(0);
      engine.adopt(merged);
      List<Completion> withMerged = engine.generate(unit, sampling, 9, null).get(0);
      engine.adopt(base);
      List<Completion> plain = engine.generate(unit, sampling, 9, null).get(0);
      for (int i = 0; i < plain.size(); i++) {
        assertArrayEquals(withMerged.get(i).tokens(), withAdapters.get(i).tokens());
        assertArrayEquals(withMerged.get(i).logps(), withAdapters.get(i).logps());
        assertNotEquals(plain.get(i).logps()[0], withAdapters.get(i).logps()[0]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void onlyAdaptersAndTheScoreHeadMove(DecoderConfig config) {
    var settings =
        TrainerSettings.of(LearningRate.constant(0.01))
            .withAdapters(new LoraSettings(RANK, ALPHA, EnumSet.allOf(Target.class)), 4);
    List<TrainingSequence> sequences = EagerTraining.ragged(config, 4);
    try (DecoderWeights base = TinyDecoders.weights(accelerator, config, 6);
        Trainer trainer = new Trainer(base, settings);
        DecoderWeights before = trainer.snapshot()) {
      for (int step = 0;
          step < 2;
          step++) { // the first moves B alone: A's gradient has factor B = 0
        trainer.step(
            sequences, Selection.RESPONSE, EagerTraining.TEMPERATURE, EagerTraining::mixedLoss);
      }
      Map<String, HostTensor> start = HostTensor.byName(before.toHost());
      for (HostTensor tensor : trainer.current().toHost()) {
        boolean learns = tensor.name().contains(".lora_") || tensor.name().startsWith("score.");
        assertEquals(learns, !tensor.equals(start.get(tensor.name())), tensor.name());
      }
    }
  }

  @Test
  void freshAdaptersLeaveTheFunctionUnchanged() {
    DecoderConfig config = TinyDecoders.qwen2();
    var lora = new LoraSettings(RANK, ALPHA, EnumSet.allOf(Target.class));
    try (DecoderWeights base = TinyDecoders.weights(accelerator, config, 6);
        DecoderWeights adapted = base.withAdapters(lora, 1);
        DecoderWeights merged = adapted.merged();
        DecoderWeights twice = adapted.withAdapters(lora, 1)) {
      assertEquals(base.digest(), merged.digest());
      assertEquals(adapted.digest(), twice.digest());
    }
  }

  /** With W' = W + s B A: dL/dA = s B^T dL/dW' and dL/dB = s dL/dW' A^T. */
  @ParameterizedTest
  @MethodSource("decoders")
  void gradientsFollowTheChainRuleFromTheMergedMatrices(DecoderConfig config) {
    List<TrainingSequence> sequences = EagerTraining.ragged(config, 5);
    Set<Target> targets = EnumSet.allOf(Target.class);
    var lora = new LoraSettings(RANK, ALPHA, targets);
    try (DecoderWeights base = TinyDecoders.weights(accelerator, config, 6);
        DecoderWeights adapted = adapted(base, targets);
        DecoderWeights merged = adapted.merged();
        EagerDecoder eager = new EagerDecoder(merged);
        Trainer trainer =
            new Trainer(base, TrainerSettings.of(LearningRate.constant(0)).withAdapters(lora, 0))) {
      trainer.restore(adapted);
      StepReport report =
          trainer.step(
              sequences, Selection.RESPONSE, EagerTraining.TEMPERATURE, EagerTraining::mixedLoss);
      Map<String, float[]> full = new HashMap<>();
      assertEquals(EagerTraining.mixedStep(eager, sequences, full), report.loss(), 1e-4);
      Map<String, float[]> moments = EagerTraining.moments(trainer);
      double factor = 0.1 * Math.min(1, 1 / (report.gradientNorm() + 1e-6));
      Map<String, HostTensor> weights = HostTensor.byName(adapted.toHost());
      int checked = 0;
      for (String name : moments.keySet()) {
        if (name.endsWith(".lora_A.weight")) {
          String module = name.substring(0, name.length() - ".lora_A.weight".length());
          checkPair(module, weights, full.get(module + ".weight"), moments, factor);
          checked++;
        }
      }
      int absent = config.traits().feedForward().isGated() ? 0 : 1;
      assertEquals(config.layers() * (targets.size() - absent), checked);
    }
  }

  private static void checkPair(
      String module,
      Map<String, HostTensor> weights,
      float[] full,
      Map<String, float[]> moments,
      double factor) {
    String nameA = module + ".lora_A.weight";
    String nameB = module + ".lora_B.weight";
    float[] a = weights.get(nameA).toFloats();
    float[] b = weights.get(nameB).toFloats();
    int inputs = a.length / RANK;
    int outputs = b.length / RANK;
    double scale = factor * ALPHA / RANK;
    float[] expectedA = new float[a.length];
    float[] expectedB = new float[b.length];
    for (int r = 0; r < RANK; r++) {
      for (int in = 0; in < inputs; in++) {
        double sum = 0;
        for (int out = 0; out < outputs; out++) {
          sum += (double) b[out * RANK + r] * full[out * inputs + in];
        }
        expectedA[r * inputs + in] = (float) (scale * sum);
      }
      for (int out = 0; out < outputs; out++) {
        double sum = 0;
        for (int in = 0; in < inputs; in++) {
          sum += (double) full[out * inputs + in] * a[r * inputs + in];
        }
        expectedB[out * RANK + r] = (float) (scale * sum);
      }
    }
    assertArrayEquals(expectedA, moments.get(nameA), GRADIENT_TOLERANCE, nameA);
    assertArrayEquals(expectedB, moments.get(nameB), GRADIENT_TOLERANCE, nameB);
  }

  /** Adapters in which B is not zero. */
  private static DecoderWeights adapted(DecoderWeights base, Set<Target> targets) {
    var lora = new LoraSettings(RANK, ALPHA, targets);
    try (DecoderWeights fresh = base.withAdapters(lora, 5)) {
      Map<String, HostTensor> tensors = HostTensor.byName(fresh.toHost());
      var random = new Random(8);
      tensors.replaceAll(
          (name, tensor) -> {
            if (!name.endsWith(".lora_B.weight")) {
              return tensor;
            }
            float[] values = new float[(int) tensor.elements()];
            for (int i = 0; i < values.length; i++) {
              values[i] = (float) (0.1 * random.nextGaussian());
            }
            return HostTensor.of(name, values, tensor.shape());
          });
      return DecoderWeights.of(accelerator, base.config(), lora, tensors);
    }
  }

  private static List<float[]> logps(DecoderWeights weights, List<TrainingSequence> sequences) {
    try (ScoringEngine scoring = new ScoringEngine(weights, NumericType.FP32, 1024)) {
      return scoring.logps(sequences, 1);
    }
  }
}

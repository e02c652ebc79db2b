package dev.troupe.runtime.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.pytorch.jni.JniUtils;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.LoraSettings.Target;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import dev.troupe.runtime.training.ScoringEngine;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Generation from a base of integers with low-rank adapters beside it. */
class QuantisedGenerationTest {
  private static final float LOGP_TOLERANCE = 5e-5f;

  /** In the mean over tokens: bfloat16 keeps 8 bits, and logits are of 1 to 3. */
  private static final float NARROW_TOLERANCE = 0.03f;

  /**
   * In the mean over tokens: logits of freshly drawn decoders, of 1 to 3, move by some times the
   * largest rounding error of a code relative to its row, 1 / 254 for INT8 and 1 / 14 for INT4.
   */
  private static final Map<WeightPrecision, Float> LOSS =
      Map.of(WeightPrecision.INT8, 0.02f, WeightPrecision.INT4, 0.35f);

  private static final Map<WeightPrecision, Integer> LIMIT =
      Map.of(WeightPrecision.INT8, 127, WeightPrecision.INT4, 7);

  private static final int INT4_COLUMNS = 32;

  private static final long SEED = 11;
  private static final Sampling SAMPLING = Sampling.plain(20, List.of());

  /** Some of the projections that share a slot, so that parts without an adapter stand between. */
  private static final List<EnumSet<Target>> TARGETS =
      List.of(EnumSet.allOf(Target.class), EnumSet.of(Target.Q, Target.V, Target.UP));

  private static Accelerator accelerator;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 2);
  }

  @AfterAll
  static void close() {
    JniUtils.setNumThreads(2);
    accelerator.close();
  }

  static Stream<Arguments> decoders() {
    return TinyDecoders.all().stream()
        .flatMap(
            config ->
                Stream.of(WeightPrecision.INT8, WeightPrecision.INT4)
                    .map(precision -> Arguments.of(config, precision)));
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void decodesWhatTheIntegersStandForPlusTheAdapters(
      DecoderConfig config, WeightPrecision precision) {
    for (EnumSet<Target> targets : TARGETS) {
      try (DecoderWeights weights = adapted(config, targets, 0.1);
          DecoderWeights expected = dequantised(weights, precision);
          ScoringEngine scoring = new ScoringEngine(expected, NumericType.FP32, 1000);
          GenerationEngine engine = engine(weights, NumericType.FP32, precision)) {
        List<GenerationRequest> unit = unit(config, 3);
        followsScores(engine.generate(unit, SAMPLING, SEED, null), unit, scoring, LOGP_TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void lowerComputeStaysCloseToTheIntegers(DecoderConfig config, WeightPrecision precision) {
    var lora = new LoraSettings(3, 6, EnumSet.allOf(Target.class));
    try (DecoderWeights base = DecoderWeights.random(accelerator, config, 9);
        DecoderWeights weights = base.withAdapters(lora, 1);
        DecoderWeights expected = dequantised(weights, precision);
        ScoringEngine scoring = new ScoringEngine(expected, NumericType.FP32, 1000);
        GenerationEngine engine = engine(weights, NumericType.BF16, precision)) {
      List<GenerationRequest> unit = unit(config, 3);
      var completions = engine.generate(unit, SAMPLING, SEED, null);
      assertEquals(0, meanDistance(completions, unit, scoring), NARROW_TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void integersStayNearFullPrecision(DecoderConfig config, WeightPrecision precision) {
    try (DecoderWeights weights = DecoderWeights.random(accelerator, config, 9);
        ScoringEngine full = new ScoringEngine(weights, NumericType.FP32, 1000);
        GenerationEngine engine = engine(weights, NumericType.FP32, precision)) {
      List<GenerationRequest> unit = unit(config, 3);
      var completions = engine.generate(unit, SAMPLING, SEED, null);
      float distance = meanDistance(completions, unit, full);
      assertEquals(0, distance, LOSS.get(precision));
      assertTrue(distance > 10 * LOGP_TOLERANCE, "the integers were meant to be felt");
    }
  }

  /** Folded into the integers, steps this small would round to nothing. */
  @ParameterizedTest
  @EnumSource(names = {"INT8", "INT4"})
  void adaptersFarBelowOneStepOfTheIntegersAct(WeightPrecision precision) {
    DecoderConfig config = TinyDecoders.qwen3();
    try (DecoderWeights small = adapted(config, EnumSet.allOf(Target.class), 1e-3);
        DecoderWeights expected = dequantised(small, precision);
        DecoderWeights without = adapted(config, EnumSet.allOf(Target.class), 0);
        ScoringEngine scoring = new ScoringEngine(expected, NumericType.FP32, 1000);
        GenerationEngine engine = engine(small, NumericType.FP32, precision)) {
      List<GenerationRequest> unit = unit(config, 1);
      var with = engine.generate(unit, SAMPLING, SEED, null);
      followsScores(with, unit, scoring, LOGP_TOLERANCE);
      try (DecoderWeights plain = dequantised(without, precision);
          ScoringEngine bare = new ScoringEngine(plain, NumericType.FP32, 1000)) {
        assertTrue(meanDistance(with, unit, bare) > LOGP_TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(WeightPrecision.class)
  void newAdaptersAloneGiveTheBitsOfTheWholeVersion(WeightPrecision precision) {
    DecoderConfig config = TinyDecoders.qwen2();
    List<GenerationRequest> unit = unit(config, 2);
    try (DecoderWeights first = adapted(config, TARGETS.get(0), 0.1);
        DecoderWeights second = adapted(config, TARGETS.get(1), 0.2);
        GenerationEngine engine = engine(second, NumericType.FP32, precision);
        GenerationEngine exchanging = engine(first, NumericType.FP32, precision)) {
      var expected = engine.generate(unit, SAMPLING, SEED, null);
      exchanging.adoptAdapters(second);
      assertSame(expected, exchanging.generate(unit, SAMPLING, SEED, null));
    }
  }

  /** Only the adapters are read: those on another base do not bring it along. */
  @ParameterizedTest
  @EnumSource(names = {"INT8", "INT4"})
  void newAdaptersDoNotTouchTheIntegers(WeightPrecision precision) {
    DecoderConfig config = TinyDecoders.qwen2();
    List<GenerationRequest> unit = unit(config, 2);
    try (DecoderWeights weights = adapted(config, TARGETS.get(0), 0.1);
        DecoderWeights emptied = withoutMatrices(weights);
        GenerationEngine engine = engine(weights, NumericType.FP32, precision)) {
      var before = engine.generate(unit, SAMPLING, SEED, null);
      int arrays = accelerator.manager().getManagedArrays().size();
      for (int times = 0; times < 3; times++) {
        engine.adoptAdapters(emptied);
      }
      assertEquals(arrays, accelerator.manager().getManagedArrays().size());
      assertSame(before, engine.generate(unit, SAMPLING, SEED, null));
    }
  }

  @Test
  void newAdaptersTakenUpBetweenChunksAreUsedFromTheNextTokenOn() {
    DecoderConfig config = TinyDecoders.qwen3();
    List<GenerationRequest> unit = unit(config, 1);
    Sampling sampling = Sampling.plain(2 * GenerationEngine.CHUNK, List.of());
    try (DecoderWeights old = adapted(config, TARGETS.get(0), 0.1);
        DecoderWeights fresh = adapted(config, TARGETS.get(1), 0.2);
        DecoderWeights expected = dequantised(fresh, WeightPrecision.INT8);
        ScoringEngine scoring = new ScoringEngine(expected, NumericType.FP32, 1000);
        GenerationEngine engine = engine(old, NumericType.FP32, WeightPrecision.INT8);
        DecodeBatch batch = engine.start(unit, sampling, SEED, null)) {
      batch.advance();
      engine.adoptAdapters(fresh);
      batch.advance();
      for (int i = 0; i < unit.size(); i++) {
        Completion completion = batch.completions().get(i).get(0);
        float[] logps = scoring.logps(List.of(sequence(unit.get(i), completion)), 1).get(0);
        int chunk = GenerationEngine.CHUNK;
        assertArrayEquals(
            Arrays.copyOfRange(logps, chunk, 2 * chunk),
            Arrays.copyOfRange(completion.logps(), chunk, 2 * chunk),
            LOGP_TOLERANCE);
        assertTrue(Math.abs(logps[0] - completion.logps()[0]) > 10 * LOGP_TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void aSampleIsTheSameToTheBitAloneInCompanyAndWithOneThread(
      DecoderConfig config, WeightPrecision precision) {
    for (NumericType compute : NumericType.values()) {
      List<GenerationRequest> unit = unit(config, 4);
      try (DecoderWeights weights = adapted(config, TARGETS.get(0), 0.1);
          GenerationEngine engine = engine(weights, compute, precision)) {
        var together = engine.generate(unit, SAMPLING, SEED, null);
        JniUtils.setNumThreads(1);
        for (int i = 0; i < unit.size(); i++) {
          var alone = engine.generate(List.of(unit.get(i)), SAMPLING, SEED, null);
          assertSame(List.of(together.get(i)), alone);
        }
        JniUtils.setNumThreads(2);
      }
    }
  }

  @Test
  void aRowOfZerosStaysZero() {
    DecoderConfig config = TinyDecoders.llama();
    for (WeightPrecision precision : LIMIT.keySet()) {
      try (DecoderWeights weights = adapted(config, TARGETS.get(0), 0.1);
          DecoderWeights empty = withoutMatrices(weights);
          ScoringEngine scoring = new ScoringEngine(empty, NumericType.FP32, 1000);
          GenerationEngine engine = engine(empty, NumericType.FP32, precision)) {
        List<GenerationRequest> unit = unit(config, 1);
        followsScores(engine.generate(unit, SAMPLING, SEED, null), unit, scoring, LOGP_TOLERANCE);
      }
    }
  }

  @Test
  void refusesAdaptersBeforeWeightsAndOfAnotherDecoder() {
    DecoderConfig config = TinyDecoders.llama();
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
        DecoderWeights other = TinyDecoders.weights(accelerator, TinyDecoders.qwen2(), 1);
        GenerationEngine engine =
            new GenerationEngine(accelerator, config, NumericType.FP32, WeightPrecision.INT8)) {
      assertEquals(
          "adapters were offered before any weights; take up a whole version first",
          assertThrows(IllegalStateException.class, () -> engine.adoptAdapters(weights))
              .getMessage());
      engine.adopt(weights);
      assertThrows(IllegalArgumentException.class, () -> engine.adoptAdapters(other));
    }
  }

  private static void followsScores(
      List<List<Completion>> completions,
      List<GenerationRequest> unit,
      ScoringEngine scoring,
      float tolerance) {
    for (int i = 0; i < unit.size(); i++) {
      for (Completion completion : completions.get(i)) {
        float[] logps = scoring.logps(List.of(sequence(unit.get(i), completion)), 1).get(0);
        assertArrayEquals(logps, completion.logps(), tolerance);
      }
    }
  }

  /** How far log-probabilities of completions are from those scored, in the mean over tokens. */
  private static float meanDistance(
      List<List<Completion>> completions, List<GenerationRequest> unit, ScoringEngine scoring) {
    float sum = 0;
    int tokens = 0;
    for (int i = 0; i < unit.size(); i++) {
      for (Completion completion : completions.get(i)) {
        float[] logps = scoring.logps(List.of(sequence(unit.get(i), completion)), 1).get(0);
        for (int t = 0; t < logps.length; t++) {
          sum += Math.abs(logps[t] - completion.logps()[t]);
        }
        tokens += logps.length;
      }
    }
    return sum / tokens;
  }

  private static TrainingSequence sequence(GenerationRequest request, Completion completion) {
    int[] prompt = request.promptTokens();
    int[] all = Arrays.copyOf(prompt, prompt.length + completion.tokens().length);
    System.arraycopy(completion.tokens(), 0, all, prompt.length, completion.tokens().length);
    return new TrainingSequence(all, prompt.length);
  }

  private static void assertSame(List<List<Completion>> expected, List<List<Completion>> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      for (int j = 0; j < expected.get(i).size(); j++) {
        assertArrayEquals(expected.get(i).get(j).tokens(), actual.get(i).get(j).tokens());
        assertArrayEquals(expected.get(i).get(j).logps(), actual.get(i).get(j).logps());
      }
    }
  }

  private static GenerationEngine engine(
      DecoderWeights weights, NumericType compute, WeightPrecision precision) {
    var engine = new GenerationEngine(accelerator, weights.config(), compute, precision);
    engine.adopt(weights);
    return engine;
  }

  private static List<GenerationRequest> unit(DecoderConfig config, int samples) {
    var random = new Random(17);
    var unit = new ArrayList<GenerationRequest>();
    for (int i = 0; i < 4; i++) {
      int[] prompt = random.ints(1 + random.nextInt(33), 0, config.vocabSize()).toArray();
      unit.add(new GenerationRequest(100 + i, prompt, samples));
    }
    return unit;
  }

  /** The matrices of the blocks, which become integers. */
  private static boolean isQuantised(String name) {
    return name.endsWith("_proj.weight");
  }

  /** Weights with adapters in which B is normal of the given spread. */
  private static DecoderWeights adapted(
      DecoderConfig config, EnumSet<Target> targets, double spread) {
    var lora = new LoraSettings(3, 6, targets);
    try (DecoderWeights base = TinyDecoders.weights(accelerator, config, 6);
        DecoderWeights fresh = base.withAdapters(lora, 5)) {
      Map<String, HostTensor> tensors = HostTensor.byName(fresh.toHost());
      var random = new Random(8);
      tensors.replaceAll(
          (name, tensor) -> {
            if (!name.endsWith(".lora_B.weight")) {
              return tensor;
            }
            float[] values = tensor.toFloats();
            for (int i = 0; i < values.length; i++) {
              values[i] = (float) (spread * random.nextGaussian());
            }
            return HostTensor.of(name, values, tensor.shape());
          });
      return DecoderWeights.of(accelerator, config, lora, tensors);
    }
  }

  private static DecoderWeights withoutMatrices(DecoderWeights weights) {
    Map<String, HostTensor> tensors = HostTensor.byName(weights.toHost());
    tensors.replaceAll(
        (name, tensor) ->
            isQuantised(name)
                ? HostTensor.of(name, new float[(int) tensor.elements()], tensor.shape())
                : tensor);
    return DecoderWeights.of(accelerator, weights.config(), weights.lora(), tensors);
  }

  /** The float weights that the integers stand for, computed here, with the same adapters. */
  private static DecoderWeights dequantised(DecoderWeights weights, WeightPrecision precision) {
    int limit = LIMIT.get(precision);
    Map<String, HostTensor> tensors = HostTensor.byName(weights.toHost());
    tensors.replaceAll(
        (name, tensor) -> {
          if (!isQuantised(name)) {
            return tensor;
          }
          float[] values = tensor.toFloats();
          int columns = (int) tensor.shape()[1];
          int group = precision == WeightPrecision.INT4 ? INT4_COLUMNS : columns;
          for (int row = 0; row < values.length; row += columns) {
            for (int from = row; from < row + columns; from += group) {
              dequantise(values, from, Math.min(from + group, row + columns), limit);
            }
          }
          return HostTensor.of(name, values, tensor.shape());
        });
    return DecoderWeights.of(accelerator, weights.config(), weights.lora(), tensors);
  }

  private static void dequantise(float[] values, int from, int to, int limit) {
    float largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    float scale = largest / limit;
    for (int i = from; i < to && scale > 0; i++) {
      values[i] = (float) Math.rint(values[i] / scale) * scale;
    }
  }
}

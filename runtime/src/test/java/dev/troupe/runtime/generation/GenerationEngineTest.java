package dev.troupe.runtime.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.EagerDecoder;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.training.LearningRate;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainerSettings;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Generation against the eager decoder, its reproducibility and its limits. */
class GenerationEngineTest {
  private static final float LOGP_TOLERANCE = 5e-5f;
  private static final long SEED = 11;

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

  static List<DecoderConfig> decoders() {
    return TinyDecoders.all();
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void greedyDecodingOfRaggedPromptsFollowsTheEagerDecoder(DecoderConfig config) {
    List<GenerationRequest> unit = ragged(config, 4, 1);
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 3);
        EagerDecoder eager = new EagerDecoder(weights);
        GenerationEngine engine = engine(weights, NumericType.FP32)) {
      var completions = engine.generate(unit, Sampling.greedy(20, List.of()), SEED, null);
      for (int i = 0; i < unit.size(); i++) {
        Completion completion = completions.get(i).get(0);
        assertEquals(20, completion.tokens().length);
        int[] text = unit.get(i).promptTokens();
        for (int t = 0; t < completion.tokens().length; t++) {
          float[] row = lastRow(eager, text);
          assertEquals(row[argmax(row)], row[completion.tokens()[t]], LOGP_TOLERANCE);
          assertEquals(row[completion.tokens()[t]], completion.logps()[t], LOGP_TOLERANCE);
          text = append(text, completion.tokens()[t]);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void theTrainerRecomputesTheBehaviourLogProbabilities(DecoderConfig config) {
    List<GenerationRequest> unit = ragged(config, 3, 4);
    Sampling sampling = new Sampling(0.8, 0, 1, 0, 1, 24, List.of(3), List.of());
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 4);
        GenerationEngine engine = engine(weights, NumericType.FP32);
        Trainer trainer = new Trainer(weights, TrainerSettings.of(LearningRate.constant(0)))) {
      var completions = engine.generate(unit, sampling, SEED, null);
      for (int i = 0; i < unit.size(); i++) {
        for (Completion completion : completions.get(i)) {
          int[] text = unit.get(i).promptTokens();
          var sequence = new TrainingSequence(append(text, completion.tokens()), text.length);
          assertArrayEquals(
              trainer.logps(List.of(sequence), 0.8).get(0), completion.logps(), LOGP_TOLERANCE);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void aSampleIsTheSameToTheBitAloneInCompanyAndWithOneThread(DecoderConfig config) {
    // In bfloat16 this is usual, not promised; the shapes of these decoders happen to hold it.
    boolean isHeldInBf16 = config.traits().equals(DecoderTraits.PLAIN);
    for (NumericType compute :
        isHeldInBf16 ? NumericType.values() : new NumericType[] {NumericType.FP32}) {
      List<GenerationRequest> unit = ragged(config, 9, 5);
      Sampling sampling = Sampling.plain(30, List.of(3, 4));
      try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 5);
          GenerationEngine engine = engine(weights, compute)) {
        var together = engine.generate(unit, sampling, SEED, null);
        JniUtils.setNumThreads(1);
        for (int i = 0; i < unit.size(); i++) {
          var alone = engine.generate(List.of(unit.get(i)), sampling, SEED, null).get(0);
          var single =
              engine.generate(
                  List.of(
                      new GenerationRequest(unit.get(i).ticket(), unit.get(i).promptTokens(), 1)),
                  sampling,
                  SEED,
                  null);
          assertSame(together.get(i), alone);
          assertSame(together.get(i).subList(0, 1), single.get(0));
        }
        JniUtils.setNumThreads(2);
        var reversed = new ArrayList<>(unit);
        Collections.reverse(reversed);
        var backwards = engine.generate(reversed, sampling, SEED, null);
        assertSame(together.get(0), backwards.get(unit.size() - 1));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void aUnitIsTheSameToTheBitWithAnyNumberOfThreads(DecoderConfig config) {
    List<GenerationRequest> unit = ragged(config, 10, 9); // 90 rows, some of which end early
    Sampling sampling = Sampling.plain(30, List.of(3, 4));
    for (NumericType compute : NumericType.values()) {
      for (long seed = 1; seed <= 6; seed++) {
        assertEquals(
            withThreads(1, config, compute, unit, sampling, seed),
            withThreads(2, config, compute, unit, sampling, seed),
            compute + ", seed " + seed);
      }
    }
  }

  private static List<String> withThreads(
      int threads,
      DecoderConfig config,
      NumericType compute,
      List<GenerationRequest> unit,
      Sampling sampling,
      long seed) {
    try (Accelerator some = Accelerator.of("cpu", threads);
        DecoderWeights weights = TinyDecoders.weights(some, config, 5);
        GenerationEngine engine = new GenerationEngine(some, config, compute)) {
      engine.adopt(weights);
      return engine.generate(unit, sampling, seed, null).stream()
          .flatMap(List::stream)
          .map(it -> Arrays.toString(it.tokens()) + Arrays.toString(it.logps()))
          .toList();
    } finally {
      JniUtils.setNumThreads(2);
    }
  }

  @Test
  void aSampleChangesWithSeedTicketAndIndex() {
    DecoderConfig config = TinyDecoders.llama();
    int[] prompt = {5, 6, 7};
    Sampling sampling = Sampling.plain(16, List.of());
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 5);
        GenerationEngine engine = engine(weights, NumericType.FP32)) {
      var unit = List.of(new GenerationRequest(1, prompt, 2), new GenerationRequest(2, prompt, 1));
      var first = engine.generate(unit, sampling, 1, null);
      var other = engine.generate(unit, sampling, 2, null);
      String a = Arrays.toString(first.get(0).get(0).tokens());
      assertNotEquals(a, Arrays.toString(first.get(0).get(1).tokens()));
      assertNotEquals(a, Arrays.toString(first.get(1).get(0).tokens()));
      assertNotEquals(a, Arrays.toString(other.get(0).get(0).tokens()));
    }
  }

  @Test
  void newWeightsTakenUpBetweenChunksAreUsedFromTheNextTokenOn() {
    DecoderConfig config = TinyDecoders.qwen3();
    List<GenerationRequest> unit = ragged(config, 3, 2);
    Sampling sampling = Sampling.plain(2 * GenerationEngine.CHUNK, List.of());
    try (DecoderWeights old = TinyDecoders.weights(accelerator, config, 6);
        DecoderWeights fresh = TinyDecoders.weights(accelerator, config, 7);
        GenerationEngine engine = engine(old, NumericType.FP32);
        Trainer trainer = new Trainer(fresh, TrainerSettings.of(LearningRate.constant(0)));
        Trainer before = new Trainer(old, TrainerSettings.of(LearningRate.constant(0)));
        DecodeBatch batch = engine.start(unit, sampling, SEED, null)) {
      batch.advance();
      engine.adopt(fresh);
      batch.advance();
      assertTrue(batch.isFinished());
      for (int i = 0; i < unit.size(); i++) {
        for (Completion completion : batch.completions().get(i)) {
          int[] prompt = unit.get(i).promptTokens();
          var sequence = new TrainingSequence(append(prompt, completion.tokens()), prompt.length);
          float[] underFresh = trainer.logps(List.of(sequence), 1).get(0);
          int chunk = GenerationEngine.CHUNK;
          assertEquals(List.of(new Stretch(0, 1), new Stretch(chunk, 2)), completion.stretches());
          // Each token's log-probability is that of the weights whose stretch it is in.
          assertArrayEquals(
              Arrays.copyOf(before.logps(List.of(sequence), 1).get(0), chunk),
              Arrays.copyOf(completion.logps(), chunk),
              LOGP_TOLERANCE);
          assertArrayEquals(
              Arrays.copyOfRange(underFresh, chunk, 2 * chunk),
              Arrays.copyOfRange(completion.logps(), chunk, 2 * chunk),
              LOGP_TOLERANCE);
          assertTrue(Math.abs(underFresh[0] - completion.logps()[0]) > 10 * LOGP_TOLERANCE);
        }
      }
    }
  }

  @Test
  void stopsAtTokensStringsLengthAndContext() {
    DecoderConfig config = DecoderConfig.llama(29, 32, 2, 4, 4, 48, 40);
    Tokenizer tokenizer = new CharacterTokenizer("abcdefghijklmnopqrstuvwxyz");
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 8);
        GenerationEngine engine = engine(weights, NumericType.FP32)) {
      int[] prompt = tokenizer.encode("troupe");
      var request = List.of(new GenerationRequest(1, prompt, 1));
      Completion free =
          engine.generate(request, Sampling.plain(30, List.of()), SEED, null).get(0).get(0);
      assertEquals(FinishReason.LENGTH, free.finish());
      assertEquals(30, free.tokens().length);
      int stop = free.tokens()[9];
      int at = indexOf(free.tokens(), stop);
      Completion byToken =
          engine.generate(request, Sampling.plain(30, List.of(stop)), SEED, null).get(0).get(0);
      assertEquals(FinishReason.STOP_TOKEN, byToken.finish());
      assertArrayEquals(Arrays.copyOf(free.tokens(), at + 1), byToken.tokens());
      String text = tokenizer.decode(free.tokens());
      String word = text.substring(18, 20);
      var sampling = new Sampling(1, 0, 1, 0, 1, 30, List.of(), List.of("!!", word));
      Completion byString = engine.generate(request, sampling, SEED, tokenizer).get(0).get(0);
      assertEquals(FinishReason.STOP_STRING, byString.finish());
      String stopped = tokenizer.decode(byString.tokens());
      assertEquals(text.substring(0, text.indexOf(word) + word.length()), stopped);
      Completion full =
          engine.generate(request, Sampling.plain(100, List.of()), SEED, null).get(0).get(0);
      assertEquals(config.context() - prompt.length, full.tokens().length);
    }
  }

  @Test
  void refusesAPromptThatFillsTheContext() {
    DecoderConfig config = TinyDecoders.llama();
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 8);
        GenerationEngine engine = engine(weights, NumericType.FP32)) {
      var request = List.of(new GenerationRequest(4, new int[64], 1));
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () -> engine.generate(request, Sampling.plain(1, List.of()), SEED, null));
      assertEquals(
          "ticket 4: the prompt has 64 tokens and the context holds 64, so no token can be added;"
              + " shorten the prompt or use a model with a longer context",
          error.getMessage());
    }
  }

  @Test
  void lowerPrecisionStaysCloseToTheFloat32Distribution() {
    DecoderConfig config = TinyDecoders.qwen3();
    List<GenerationRequest> unit = ragged(config, 4, 2);
    try (DecoderWeights weights = DecoderWeights.random(accelerator, config, 9);
        GenerationEngine engine = engine(weights, NumericType.BF16);
        Trainer trainer = new Trainer(weights, TrainerSettings.of(LearningRate.constant(0)))) {
      var completions = engine.generate(unit, Sampling.plain(20, List.of()), SEED, null);
      for (int i = 0; i < unit.size(); i++) {
        int[] prompt = unit.get(i).promptTokens();
        for (Completion completion : completions.get(i)) {
          var sequence = new TrainingSequence(append(prompt, completion.tokens()), prompt.length);
          // bfloat16 keeps 8 bits: logits of about 1 are off by about 2^-8
          assertArrayEquals(trainer.logps(List.of(sequence), 1).get(0), completion.logps(), 0.03f);
        }
      }
    }
  }

  private static GenerationEngine engine(DecoderWeights weights, NumericType compute) {
    var engine = new GenerationEngine(accelerator, weights.config(), compute);
    engine.adopt(weights);
    return engine;
  }

  private static List<GenerationRequest> ragged(DecoderConfig config, int prompts, int samples) {
    var random = new Random(17);
    var unit = new ArrayList<GenerationRequest>();
    for (int i = 0; i < prompts; i++) {
      int[] prompt = random.ints(1 + random.nextInt(33), 0, config.vocabSize()).toArray();
      unit.add(new GenerationRequest(100 + i, prompt, samples));
    }
    return unit;
  }

  private static void assertSame(List<Completion> expected, List<Completion> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i).tokens(), actual.get(i).tokens());
      assertArrayEquals(expected.get(i).logps(), actual.get(i).logps(), 0f);
      assertEquals(expected.get(i).finish(), actual.get(i).finish());
    }
  }

  private static float[] lastRow(EagerDecoder eager, int[] text) {
    long[] tokens = Arrays.stream(text).asLongStream().toArray();
    NDArray logits = eager.logits(eager.manager().create(tokens, new Shape(1, tokens.length)));
    return logits.get(0).get(tokens.length - 1).logSoftmax(-1).toFloatArray();
  }

  private static int argmax(float[] row) {
    int best = 0;
    for (int i = 1; i < row.length; i++) {
      if (row[i] > row[best]) {
        best = i;
      }
    }
    return best;
  }

  private static int indexOf(int[] tokens, int token) {
    int i = 0;
    while (tokens[i] != token) {
      i++;
    }
    return i;
  }

  private static int[] append(int[] head, int... tail) {
    int[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return all;
  }
}

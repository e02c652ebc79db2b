package dev.troupe.runtime.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.EagerDecoder;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.tokenizer.HuggingFaceTokenizers;
import dev.troupe.runtime.tokenizer.SharedMaterial;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.training.ScoringEngine;
import dev.troupe.runtime.training.TrainingSequence;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine on a model that others trained. Golden values: the material's README, where two
 * independent implementations in float32 agree on them to about 1e-5.
 */
class TinyStoriesGenerationTest {
  private static final float TOLERANCE = 1e-4f;

  /** "Once upon a" behind the token that opens a text. */
  private static final int[] OPENING = {1, 403, 407, 261, 378};

  /** Logits of tokens 0 to 5 after {@link #OPENING}. */
  private static final float[] LOGITS = {
    -10.13658f, -5.32946f, -10.13809f, -10.13686f, -10.13721f, -10.13833f
  };

  /** The logarithm of the sum of the exponentials of that row. */
  private static final float LOG_SUM_EXP = 17.83110f;

  private static final int[] GREEDY = {
    403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426, 338, 401, 396, 267,
    337, 410, 408, 419, 292
  };
  private static final String STORY =
      "Once upon a time, there was a little girl named Lily. She loved to play outside in the park."
          + " One day, she saw a big, red ball.";

  @TempDir private Path folder;
  private Path directory;
  private Accelerator accelerator;
  private DecoderWeights weights;

  @BeforeEach
  void load() {
    directory = SharedMaterial.path("models/tiny-stories-260k");
    accelerator = Accelerator.of("cpu", 1);
    weights = DecoderWeights.load(accelerator, HuggingFaceDirectory.load(directory));
  }

  @AfterEach
  void close() {
    if (accelerator != null) {
      weights.close();
      accelerator.close();
    }
  }

  @Test
  void theEagerDecoderHasTheGoldenLogits() {
    try (EagerDecoder eager = new EagerDecoder(weights)) {
      long[] tokens = Arrays.stream(OPENING).asLongStream().toArray();
      NDArray logits =
          eager
              .logits(eager.manager().create(tokens, new Shape(1, tokens.length)))
              .get(0)
              .get(tokens.length - 1);
      float[] row = logits.toFloatArray();
      assertArrayEquals(LOGITS, Arrays.copyOf(row, LOGITS.length), TOLERANCE);
      assertEquals(LOG_SUM_EXP, row[0] - logits.logSoftmax(-1).getFloat(0), TOLERANCE);
    }
  }

  @Test
  void theTrainingProgramHasTheGoldenLogProbabilities() {
    try (ScoringEngine scoring = new ScoringEngine(weights, NumericType.FP32, 512)) {
      for (int token = 0; token < LOGITS.length; token++) {
        int[] text = Arrays.copyOf(OPENING, OPENING.length + 1);
        text[OPENING.length] = token;
        var sequence = new TrainingSequence(text, OPENING.length);
        assertEquals(
            LOGITS[token] - LOG_SUM_EXP,
            scoring.logps(List.of(sequence), 1).get(0)[0],
            TOLERANCE,
            "token " + token);
      }
    }
  }

  @Test
  void tellsTheGoldenStoryWithTheLogProbabilitiesThatScoringFinds() {
    try (Tokenizer tokenizer = HuggingFaceTokenizers.load(directory);
        GenerationEngine engine =
            new GenerationEngine(accelerator, weights.config(), NumericType.FP32);
        ScoringEngine scoring = new ScoringEngine(weights, NumericType.FP32, 512)) {
      engine.adopt(weights);
      var request = new GenerationRequest(1, new int[] {1}, 1);
      Completion story =
          engine.generate(List.of(request), Sampling.greedy(60, List.of(2)), 0, null).get(0).get(0);
      assertArrayEquals(GREEDY, Arrays.copyOf(story.tokens(), GREEDY.length));
      String text = tokenizer.decode(story.tokens());
      assertTrue(text.startsWith(STORY), text);
      int[] whole = new int[story.tokens().length + 1];
      whole[0] = 1;
      System.arraycopy(story.tokens(), 0, whole, 1, story.tokens().length);
      assertArrayEquals(
          scoring.logps(List.of(new TrainingSequence(whole, 1)), 1).get(0),
          story.logps(),
          TOLERANCE);
    }
  }

  @Test
  void savesAndLoadsBitForBit() {
    Path copy = folder.resolve("copy");
    HuggingFaceDirectory.save(copy, weights.config(), weights.toHost(), directory);
    LoadedModel original = HuggingFaceDirectory.load(directory);
    assertEquals(original, HuggingFaceDirectory.load(copy));
    try (DecoderWeights loaded =
        DecoderWeights.load(accelerator, HuggingFaceDirectory.load(copy))) {
      assertEquals(weights.digest(), loaded.digest());
      assertArrayEquals(tokens(directory), tokens(copy));
    }
  }

  private static int[] tokens(Path model) {
    try (Tokenizer tokenizer = HuggingFaceTokenizers.load(model)) {
      return tokenizer.encode(STORY, true);
    }
  }
}

package dev.troupe.runtime.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What generation refuses, and in which words. */
class BadGenerationInputTest {
  private static final DecoderConfig CONFIG = TinyDecoders.llama();
  private static final Sampling SAMPLING = Sampling.plain(3, List.of());

  private static Accelerator accelerator;
  private static DecoderWeights weights;
  private static GenerationEngine engine;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
    weights = TinyDecoders.weights(accelerator, CONFIG, 1);
    engine = new GenerationEngine(accelerator, CONFIG, NumericType.FP32);
    engine.adopt(weights);
  }

  @AfterAll
  static void close() {
    engine.close();
    weights.close();
    accelerator.close();
  }

  @Test
  void aPromptTokenOutsideTheVocabulary() {
    for (int token : new int[] {-1, 29, Integer.MAX_VALUE}) {
      refused(
          "ticket 7: prompt token " + token + " is outside the vocabulary of 29",
          () -> generate(new GenerationRequest(7, new int[] {3, token}, 1)));
    }
  }

  @Test
  void aPromptThatIsTooLong() {
    assertEquals(1, generate(new GenerationRequest(4, new int[63], 1)).get(0).tokens().length);
    for (int length : new int[] {64, 1000}) {
      refused(
          "ticket 4: the prompt has "
              + length
              + " tokens and the context holds 64, so no token can be added; shorten the prompt or"
              + " use a model with a longer context",
          () -> generate(new GenerationRequest(4, new int[length], 1)));
    }
  }

  @Test
  void aRequestWithoutPromptOrSamples() {
    refused(
        "ticket 4: a generation request needs a prompt of at least one token and one sample,"
            + " found 0 tokens and 2 samples",
        () -> new GenerationRequest(4, new int[0], 2));
    refused(
        "ticket 4: a generation request needs a prompt of at least one token and one sample,"
            + " found 1 tokens and 0 samples",
        () -> new GenerationRequest(4, new int[1], 0));
  }

  @Test
  void anEmptyUnitGivesNothing() {
    assertEquals(List.of(), engine.generate(List.of(), SAMPLING, 1, null));
  }

  @Test
  void stopStringsWithoutATokenizer() {
    var sampling = new Sampling(1, 0, 1, 0, 1, 5, List.of(), List.of("."));
    var unit = List.of(new GenerationRequest(1, new int[] {3}, 1));
    refused("stop strings need a tokenizer", () -> engine.generate(unit, sampling, 1, null));
  }

  @Test
  void weightsOfAnotherDecoderOrNone() {
    try (DecoderWeights other = TinyDecoders.weights(accelerator, TinyDecoders.qwen3(), 1);
        DecoderWeights headed = weights.withScores(1);
        GenerationEngine empty = new GenerationEngine(accelerator, CONFIG, NumericType.FP32)) {
      var unit = List.of(new GenerationRequest(1, new int[] {3}, 1));
      var none =
          assertThrows(IllegalStateException.class, () -> empty.generate(unit, SAMPLING, 1, null));
      assertEquals("no weights were taken up before the first prompt", none.getMessage());
      var error = assertThrows(IllegalArgumentException.class, () -> empty.adopt(other));
      String message = error.getMessage();
      assertTrue(message.startsWith("weights of another decoder were offered: "), message);
      empty.adopt(headed); // a score head plays no part in decoding
      assertEquals(
          engine.generate(unit, SAMPLING, 1, null).get(0).get(0).logps()[0],
          empty.generate(unit, SAMPLING, 1, null).get(0).get(0).logps()[0]);
    }
  }

  @Test
  void samplingOutsideItsRanges() {
    refused(
        "sampling: temperature = NaN is not allowed; 0 up",
        () -> new Sampling(Double.NaN, 0, 1, 0, 1, 1, List.of(), List.of()));
    refused(
        "sampling: top-k = -1.0 is not allowed; 0 (off) up",
        () -> new Sampling(1, -1, 1, 0, 1, 1, List.of(), List.of()));
    refused(
        "sampling: top-p = 0.0 is not allowed; above 0 up to 1 (off)",
        () -> new Sampling(1, 0, 0, 0, 1, 1, List.of(), List.of()));
    refused(
        "sampling: min-p = 1.0 is not allowed; 0 (off) to below 1",
        () -> new Sampling(1, 0, 1, 1, 1, 1, List.of(), List.of()));
    refused(
        "sampling: repetition-penalty = 0.0 is not allowed; above 0, 1 is off",
        () -> new Sampling(1, 0, 1, 0, 0, 1, List.of(), List.of()));
    refused(
        "sampling: max-tokens = 0.0 is not allowed; 1 up",
        () -> new Sampling(1, 0, 1, 0, 1, 0, List.of(), List.of()));
  }

  private static List<Completion> generate(GenerationRequest request) {
    return engine.generate(List.of(request), SAMPLING, 1, null).get(0);
  }

  private static void refused(String sentence, Executable call) {
    assertEquals(sentence, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}

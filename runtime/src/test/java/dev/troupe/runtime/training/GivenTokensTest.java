package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import dev.troupe.runtime.training.TrainingSequence.Span;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tokens between two turns are read, and are nothing else. */
class GivenTokensTest {
  private static final int[] TOKENS = {3, 4, 5, 6, 7, 8, 9};
  private static final int PROMPT = 2;

  /** The same numbers computed in rows that are packed otherwise: a few units of 2^-24. */
  private static final float ROUNDING = 1e-6f;

  @Test
  void aResponseHasAPlaceForEachTokenThatWasNotGiven() {
    var sequence = new TrainingSequence(TOKENS, PROMPT, List.of(new Span(3, 5), new Span(6, 7)));

    assertEquals(2, sequence.responseLength()); // 7 tokens - 2 of the prompt - 2 - 1 given
    assertArrayEquals(new int[] {2, 5}, sequence.responsePositions());
  }

  @Test
  void spansOutsideTheResponseOrOutOfOrderAreRefused() {
    for (List<Span> spans :
        List.of(
            List.of(new Span(1, 3)),
            List.of(new Span(5, 8)),
            List.of(new Span(5, 6), new Span(3, 4)),
            List.of(new Span(3, 5), new Span(4, 6)))) {
      assertThrows(
          IllegalArgumentException.class, () -> new TrainingSequence(TOKENS, PROMPT, spans));
    }
    assertThrows(IllegalArgumentException.class, () -> new Span(4, 4));
  }

  @Test
  void whatIsLeftHasTheLogProbabilitiesThatItHasInTheWholeText() {
    for (DecoderConfig config : TinyDecoders.all()) {
      try (Accelerator accelerator = Accelerator.of("cpu", 1);
          DecoderWeights weights = DecoderWeights.random(accelerator, config, 5);
          var scoring = new ScoringEngine(weights, NumericType.FP32, 64)) {
        float[] whole = scoring.logps(List.of(new TrainingSequence(TOKENS, PROMPT)), 1).get(0);
        var holed = new TrainingSequence(TOKENS, PROMPT, List.of(new Span(3, 5), new Span(6, 7)));
        // A second row, so that the places of the first are not those of the list.
        float[] left =
            scoring.logps(List.of(new TrainingSequence(new int[] {3, 5}, 1), holed), 1).get(1);

        assertArrayEquals(new float[] {whole[0], whole[3]}, left, ROUNDING);
      }
    }
  }

  @Test
  void theGradientIsThatOfALossThatLeavesGivenTokensOut() {
    for (DecoderConfig config : TinyDecoders.all()) {
      var holed = new TrainingSequence(TOKENS, PROMPT, List.of(new Span(3, 5)));
      var whole = new TrainingSequence(TOKENS, PROMPT);

      StepReport wanted = step(config, whole, new float[] {1, 0, 0, 1, 1});
      StepReport found = step(config, holed, new float[] {1, 1, 1});

      assertEquals(wanted.loss(), found.loss(), ROUNDING * wanted.loss());
      assertEquals(wanted.gradientNorm(), found.gradientNorm(), ROUNDING * wanted.gradientNorm());
      StepReport all = step(config, whole, new float[] {1, 1, 1, 1, 1});
      assertNotEquals(all.gradientNorm(), found.gradientNorm(), 1e-2);
    }
  }

  /** A step of plain likelihood. */
  private static StepReport step(DecoderConfig config, TrainingSequence sequence, float[] weights) {
    try (Accelerator accelerator = Accelerator.of("cpu", 1);
        DecoderWeights start = DecoderWeights.random(accelerator, config, 5);
        var trainer = new Trainer(start, TrainerSettings.of(LearningRate.constant(1e-2)))) {
      return trainer.step(
          List.of(sequence),
          Selection.RESPONSE,
          1,
          micro -> micro.logpBT().mul(micro.rows(List.of(weights))).sum().neg());
    }
  }
}

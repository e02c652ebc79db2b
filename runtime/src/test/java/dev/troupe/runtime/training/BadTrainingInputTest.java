package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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

/** What training and scoring refuse, in which words, and that nothing has happened then. */
class BadTrainingInputTest {
  private static final DecoderConfig CONFIG = TinyDecoders.qwen2();
  private static final TrainingSequence GOOD = new TrainingSequence(new int[] {3, 4, 5}, 1);

  private static Accelerator accelerator;
  private static DecoderWeights weights;
  private static Trainer trainer;
  private static ScoringEngine scoring;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
    weights = TinyDecoders.weights(accelerator, CONFIG, 1);
    trainer = new Trainer(weights, TrainerSettings.of(LearningRate.constant(0.1)));
    scoring = new ScoringEngine(weights, NumericType.FP32, 100);
  }

  @AfterAll
  static void close() {
    scoring.close();
    trainer.close();
    weights.close();
    accelerator.close();
  }

  @Test
  void aStepWithoutSequences() {
    refused(
        "an optimizer step needs at least one sequence, found none; leave out steps without data",
        () -> step(List.of()));
    assertEquals(List.of(), trainer.logps(List.of(), 1));
    assertEquals(List.of(), scoring.logps(List.of(), 1));
    assertEquals(List.of(), scoring.scores(List.of()));
  }

  @Test
  void aTokenOutsideTheVocabulary() {
    for (int token : new int[] {-1, CONFIG.vocabSize()}) {
      var bad = List.of(GOOD, new TrainingSequence(new int[] {3, 4, token}, 1));
      String sentence =
          "sequence 1: token "
              + token
              + " is outside the vocabulary of 31; use the tokenizer of this model";
      refused(sentence, () -> step(bad));
      refused(sentence, () -> trainer.logps(bad, 1));
      refused(sentence, () -> scoring.logps(bad, 1));
      refused(sentence, () -> scoring.scores(bad));
    }
  }

  @Test
  void aSequenceLongerThanTheContext() {
    // The last token is only predicted, so one more than the context fits a response.
    var full = List.of(GOOD, new TrainingSequence(new int[CONFIG.context() + 1], 1));
    assertEquals(CONFIG.context(), scoring.logps(full, 1).get(1).length);
    refused(sentence(1, CONFIG.context() + 1), () -> scoring.scores(full));
    var over = List.of(GOOD, new TrainingSequence(new int[CONFIG.context() + 2], 1));
    refused(sentence(1, CONFIG.context() + 1), () -> step(over));
    refused(sentence(1, CONFIG.context() + 1), () -> scoring.logps(over, 1));
  }

  @Test
  void aTemperatureThatDividesNothing() {
    for (double temperature : new double[] {0, -1, Double.NaN}) {
      String sentence =
          "temperature = "
              + temperature
              + " cannot divide logits; allowed is above 0 (the log-probabilities of greedy samples"
              + " are those at 1)";
      refused(sentence, () -> trainer.logps(List.of(GOOD), temperature));
      refused(sentence, () -> scoring.logps(List.of(GOOD), temperature));
      refused(
          sentence,
          () ->
              trainer.step(
                  List.of(GOOD), Selection.RESPONSE, temperature, batch -> batch.logpBT().sum()));
    }
  }

  @Test
  void aSequenceWithoutPrompt() {
    for (int prompt : new int[] {0, 4}) {
      refused(
          "a training sequence of 3 tokens has promptLength = "
              + prompt
              + "; allowed is 1 to the number of tokens",
          () -> new TrainingSequence(new int[3], prompt));
    }
  }

  private static String sentence(int sequence, int tokens) {
    return "sequence "
        + sequence
        + ": "
        + tokens
        + " tokens do not fit the context of 64; shorten prompts or completions, or use a model"
        + " with a longer context";
  }

  private static void step(List<TrainingSequence> sequences) {
    trainer.step(sequences, Selection.RESPONSE, 1, batch -> batch.logpBT().sum());
  }

  private static void refused(String sentence, Executable call) {
    assertEquals(sentence, assertThrows(IllegalArgumentException.class, call).getMessage());
    assertEquals(0, trainer.steps());
    assertEquals(weights.digest(), trainer.current().digest());
  }
}

package dev.troupe.runtime.training;

import static dev.troupe.runtime.training.EagerTraining.inputs;
import static dev.troupe.runtime.training.EagerTraining.ragged;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.EagerDecoder;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.LoraSettings.Target;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The score head before every response token: a critic's place; and fresh heads. */
class ValueHeadTest {
  private static final float VALUE_TOLERANCE = 2e-5f;

  /** Products with other row counts round differently; moments are a tenth of norm-1 gradients. */
  private static final float MOMENT_TOLERANCE = 1e-7f;

  private static final DecoderConfig PLAIN = TinyDecoders.llama();

  private static Accelerator accelerator;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
  }

  @AfterAll
  static void close() {
    accelerator.close();
  }

  static List<DecoderConfig> decoders() {
    return List.of(TinyDecoders.qwen2(), TinyDecoders.biased(), TinyDecoders.qwen3().withScores(3));
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void valuesAreThoseOfTheStateBeforeEachResponseToken(DecoderConfig config) {
    List<TrainingSequence> sequences = ragged(config, 6);
    for (int budget : new int[] {1, 25, 1000}) {
      var settings =
          TrainerSettings.of(LearningRate.constant(0)).withMicroBatches(budget, 1, true, false);
      try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
          EagerDecoder eager = new EagerDecoder(weights);
          Trainer trainer = new Trainer(weights, settings);
          ScoringEngine scoring = new ScoringEngine(weights, NumericType.FP32, budget)) {
        List<float[][]> values = scoring.values(sequences);
        List<float[][]> trained = trainer.values(sequences);
        assertEquals(sequences.size(), values.size());
        for (int i = 0; i < sequences.size(); i++) {
          TrainingSequence s = sequences.get(i);
          NDArray scoresTC = eager.scores(inputs(eager.manager(), s)).get(0);
          assertEquals(s.responseLength(), values.get(i).length);
          for (int t = 0; t < s.responseLength(); t++) {
            // response token t is tokens[promptLength + t]; the state before it is that of the
            // token before it
            float[] expected = scoresTC.get(s.promptLength() - 1 + t).toFloatArray();
            assertEquals(config.scores(), expected.length);
            assertArrayEquals(expected, values.get(i)[t], VALUE_TOLERANCE);
            assertArrayEquals(values.get(i)[t], trained.get(i)[t]);
          }
        }
      }
    }
  }

  @Test
  void aSequenceWithoutResponseHasNoValues() {
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, PLAIN.withScores(2), 1);
        ScoringEngine scoring = new ScoringEngine(weights, NumericType.FP32, 100)) {
      var silent = new TrainingSequence(new int[] {3, 4}, 2);
      assertEquals(0, scoring.values(List.of(silent)).get(0).length);
      assertEquals(List.of(), scoring.values(List.of()));
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void leavingOutTheVocabularyTrainsTheSameCritic(DecoderConfig config) {
    Map<String, float[]> whole = criticMoments(config, Selection.RESPONSE);
    Map<String, float[]> alone = criticMoments(config, Selection.VALUES);
    assertTrue(largest(whole.get("score.weight")) > 1e-3, "the head was meant to feel the loss");
    assertTrue(
        largest(whole.get("model.layers.0.mlp.up_proj.weight")) > 1e-4,
        "the trunk was meant to feel the loss");
    whole.forEach(
        (name, moment) -> assertArrayEquals(moment, alone.get(name), MOMENT_TOLERANCE, name));
  }

  /** Without targets the program computes neither logits nor their gradients. */
  @Test
  void valuesAskForNoTargets() {
    List<TrainingSequence> sequences = ragged(PLAIN, 2);
    try (NDManager m = accelerator.manager().newSubManager()) {
      int[] rows = {0, 1};
      PackedBatch whole = PackedBatch.of(m, sequences, rows, Selection.RESPONSE, true);
      PackedBatch alone = PackedBatch.of(m, sequences, rows, Selection.VALUES, true);
      assertEquals(whole.selectedCount(), whole.targetsK().size());
      assertEquals(0, alone.targetsK().size());
      assertArrayEquals(whole.selectedK().toLongArray(), alone.selectedK().toLongArray());
    }
  }

  private static Map<String, float[]> criticMoments(DecoderConfig config, Selection selection) {
    var settings =
        TrainerSettings.of(LearningRate.constant(0)).withMicroBatches(30, 1, true, false);
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
        Trainer trainer = new Trainer(weights, settings)) {
      trainer.step(
          ragged(config, 5),
          selection,
          1,
          batch -> {
            boolean wanted = selection == Selection.RESPONSE;
            assertEquals(wanted, batch.logpBT().abs().sum().getFloat() > 0);
            assertEquals(wanted, batch.entropyBT().abs().sum().getFloat() > 0);
            return squaredError(batch);
          });
      return EagerTraining.moments(trainer);
    }
  }

  /** Of all scores against the target 1, in padding nothing. */
  private static NDArray squaredError(MicroBatch batch) {
    NDManager m = batch.manager();
    NDArray errorBT = batch.scoresBTC().sub(m.create(1f)).square().sum(new int[] {-1});
    return errorBT.mul(batch.maskBT()).sum();
  }

  @Test
  void aCriticLearnsTheTokensThatAreLeft() {
    var settings =
        TrainerSettings.of(LearningRate.constant(5e-3)).withMicroBatches(60, 1, true, false);
    List<TrainingSequence> sequences = ragged(PLAIN, 12);
    List<float[]> left =
        sequences.stream()
            .map(
                s -> {
                  float[] remaining = new float[s.responseLength()];
                  for (int t = 0; t < remaining.length; t++) {
                    remaining[t] = 0.1f * (remaining.length - t);
                  }
                  return remaining;
                })
            .toList();
    try (DecoderWeights plain = DecoderWeights.random(accelerator, PLAIN, 4);
        DecoderWeights headed = plain.withScoreHead(1, 1);
        Trainer critic = new Trainer(headed, settings)) {
      double first = 0;
      double last = 0;
      for (int step = 0; step < 60; step++) {
        last =
            critic
                .step(
                    sequences,
                    Selection.VALUES,
                    1,
                    batch ->
                        batch
                            .scoresBTC()
                            .reshape(batch.maskBT().getShape())
                            .sub(batch.rows(left))
                            .square()
                            .mul(batch.maskBT())
                            .sum())
                .loss();
        first = step == 0 ? last : first;
      }
      assertTrue(last < first / 50, "loss went from " + first + " to " + last + " only");
      List<float[][]> values = critic.values(sequences);
      for (int i = 0; i < values.size(); i++) {
        for (int t = 0; t < values.get(i).length; t++) {
          assertEquals(left.get(i)[t], values.get(i)[t][0], 0.2);
        }
      }
    }
  }

  @Test
  void aFreshHeadIsSmallNormalAndLeavesTheTrunk() {
    DecoderConfig config = TinyDecoders.qwen2(); // has a head of two scores, which is replaced
    var lora = new LoraSettings(2, 4, EnumSet.of(Target.Q));
    try (DecoderWeights base = TinyDecoders.weights(accelerator, config, 1);
        DecoderWeights adapted = base.withAdapters(lora, 1);
        DecoderWeights headed = adapted.withScoreHead(40, 7);
        DecoderWeights again = adapted.withScoreHead(40, 7);
        DecoderWeights other = adapted.withScoreHead(40, 8)) {
      Map<String, HostTensor> before = HostTensor.byName(adapted.toHost());
      Map<String, HostTensor> after = HostTensor.byName(headed.toHost());
      assertEquals(config.withScores(40), headed.config());
      assertEquals(before.keySet(), after.keySet());
      for (String name : before.keySet()) {
        assertEquals(!name.startsWith("score."), before.get(name).equals(after.get(name)), name);
      }
      assertEquals(headed.digest(), again.digest());
      assertFalse(headed.digest().equals(other.digest()));
      assertArrayEquals(new float[40], after.get("score.bias").toFloats());
      float[] head = after.get("score.weight").toFloats();
      double squares = 0;
      for (float value : head) {
        squares += value * value;
      }
      // 960 draws of standard deviation 0.1 / sqrt(24): the sum is 0.4 +- 0.4 sqrt(2 / 960)
      assertEquals(960, head.length);
      assertEquals(0.4, squares, 4 * 0.4 * Math.sqrt(2.0 / 960));
    }
  }

  @Test
  void aHeadedDecoderIsSavedAndLoaded() {
    List<TrainingSequence> sequences = ragged(PLAIN, 3);
    Path model = folder.resolve("critic");
    try (DecoderWeights plain = TinyDecoders.weights(accelerator, PLAIN, 1);
        DecoderWeights headed = plain.withScoreHead(3, 7)) {
      HuggingFaceDirectory.save(model, headed.config(), headed.toHost(), null);
      try (DecoderWeights loaded =
              DecoderWeights.load(accelerator, HuggingFaceDirectory.load(model));
          DecoderWeights without = loaded.withScores(0);
          ScoringEngine saved = new ScoringEngine(headed, NumericType.FP32, 100);
          ScoringEngine read = new ScoringEngine(loaded, NumericType.FP32, 100)) {
        assertEquals(headed.config(), loaded.config());
        assertEquals(headed.digest(), loaded.digest());
        assertEquals(plain.digest(), without.digest());
        assertArrayEquals(saved.values(sequences).toArray(), read.values(sequences).toArray());
      }
    }
  }

  @Test
  void refusesValuesWithoutAHeadAndHeadsWithoutScores() {
    List<TrainingSequence> sequences = ragged(PLAIN, 1);
    String sentence = "this decoder has no score head (scores = 0); add one to its weights before";
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, PLAIN, 1);
        ScoringEngine scoring = new ScoringEngine(weights, NumericType.FP32, 100);
        Trainer trainer = new Trainer(weights, TrainerSettings.of(LearningRate.constant(0)))) {
      for (var call :
          List.<Runnable>of(
              () -> scoring.values(sequences),
              () -> trainer.values(sequences),
              () -> trainer.step(sequences, Selection.VALUES, 1, b -> b.scoresBTC().sum()),
              () -> trainer.step(sequences, Selection.LAST, 1, b -> b.scoresBTC().sum()))) {
        assertEquals(sentence, assertThrows(IllegalStateException.class, call::run).getMessage());
      }
      trainer.step(
          sequences,
          Selection.RESPONSE,
          1,
          batch -> {
            assertNull(batch.scoresBTC());
            return batch.logpBT().sum();
          });
      var none = assertThrows(IllegalArgumentException.class, () -> weights.withScoreHead(0, 1));
      assertEquals("scores = 0 make no score head; allowed is 1 or more", none.getMessage());
    }
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}

package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.EagerDecoder;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The score head in the last state of a sequence: a reward model's place. */
class ScoreHeadTest {
  private static final float VALUE_TOLERANCE = 2e-5f;

  /** A tenth of gradients whose norm is clipped to 1. */
  private static final float MOMENT_TOLERANCE = 2e-6f;

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
    return List.of(TinyDecoders.qwen2(), TinyDecoders.biased(), TinyDecoders.qwen3().withScores(3));
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void scoresTheLastTokenLikeTheEagerDecoder(DecoderConfig config) {
    List<TrainingSequence> sequences = EagerTraining.ragged(config, 6);
    for (int budget : new int[] {1, 25, 1000}) {
      try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
          EagerDecoder eager = new EagerDecoder(weights);
          ScoringEngine scoring = new ScoringEngine(weights, NumericType.FP32, budget)) {
        List<float[]> scores = scoring.scores(sequences);
        assertEquals(sequences.size(), scores.size());
        for (int i = 0; i < sequences.size(); i++) {
          assertArrayEquals(
              lastScores(eager, sequences.get(i)).toFloatArray(), scores.get(i), VALUE_TOLERANCE);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void gradientsOfLastScoresFollowEagerAutograd(DecoderConfig config) {
    List<TrainingSequence> sequences = EagerTraining.ragged(config, 4);
    var settings =
        TrainerSettings.of(LearningRate.constant(0)).withMicroBatches(30, 1, true, false);
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
        EagerDecoder eager = new EagerDecoder(weights);
        Trainer trainer = new Trainer(weights, settings)) {
      StepReport report =
          trainer.step(sequences, Selection.LAST, 1, batch -> batch.scoresBTC().square().sum());
      eager.requireGradients();
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray loss = eager.manager().create(0f);
        for (TrainingSequence sequence : sequences) {
          loss = loss.add(lastScores(eager, sequence).square().sum());
        }
        collector.backward(loss);
        assertEquals(loss.getFloat(), report.loss(), 1e-4);
      }
      Map<String, float[]> moments = EagerTraining.moments(trainer);
      double factor = 0.1 * Math.min(1, 1 / (report.gradientNorm() + 1e-6));
      assertTrue(report.gradientNorm() > 1, "the gradient was meant to be clipped");
      eager
          .weights()
          .forEach(
              (name, weight) -> {
                float[] expected = weight.getGradient().toFloatArray();
                for (int i = 0; i < expected.length; i++) {
                  expected[i] *= (float) factor;
                }
                if (!name.equals("lm_head.weight")) { // plays no part; autograd gives it nothing
                  assertArrayEquals(expected, moments.get(name), MOMENT_TOLERANCE, name);
                }
              });
    }
  }

  /** The better of two sequences holds token 7 more often (Bradley-Terry loss, as for a reward). */
  @Test
  void learnsToPreferFromPairs() {
    DecoderConfig config = TinyDecoders.llama();
    List<TrainingSequence> train = pairs(config, 16, new Random(1));
    List<TrainingSequence> held = pairs(config, 32, new Random(2));
    var settings =
        TrainerSettings.of(LearningRate.constant(5e-3)).withMicroBatches(80, 2, true, false);
    try (DecoderWeights plain = DecoderWeights.random(accelerator, config, 4);
        DecoderWeights headed = plain.withScores(1);
        Trainer trainer = new Trainer(headed, settings)) {
      double first = 0;
      double last = 0;
      for (int step = 0; step < 30; step++) {
        last = trainer.step(train, Selection.LAST, 1, batch -> preference(batch, 16)).loss();
        first = step == 0 ? last : first;
      }
      assertEquals(Math.log(2), first, 1e-6); // a head of zeros prefers nothing
      assertTrue(last < 0.1, "loss " + last);
      assertTrue(correct(trainer.current(), held) >= 28, "of 32 held-out pairs");
    }
  }

  @Test
  void saysThatThereIsNoScoreHead() {
    DecoderConfig config = TinyDecoders.llama();
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 1);
        ScoringEngine scoring = new ScoringEngine(weights, NumericType.FP32, 100)) {
      var error =
          assertThrows(
              IllegalStateException.class, () -> scoring.scores(EagerTraining.ragged(config, 1)));
      assertEquals(
          "this decoder has no score head (scores = 0); add one to its weights before",
          error.getMessage());
    }
  }

  private static int correct(DecoderWeights weights, List<TrainingSequence> pairs) {
    try (ScoringEngine scoring = new ScoringEngine(weights, NumericType.FP32, 1000)) {
      List<float[]> scores = scoring.scores(pairs);
      int correct = 0;
      for (int i = 0; i < scores.size(); i += 2) {
        correct += scores.get(i)[0] > scores.get(i + 1)[0] ? 1 : 0;
      }
      return correct;
    }
  }

  private static NDArray preference(MicroBatch batch, int pairs) {
    NDManager m = batch.manager();
    NDArray scores = batch.scoresBTC().reshape(-1, 2);
    NDArray margin = scores.get(":,0").sub(scores.get(":,1"));
    // -log sigmoid(margin) = log(1 + exp(-margin))
    return margin.neg().exp().add(m.create(1f)).log().sum().mul(m.create(1f / pairs));
  }

  private static List<TrainingSequence> pairs(DecoderConfig config, int count, Random random) {
    var pairs = new ArrayList<TrainingSequence>();
    for (int i = 0; i < count; i++) {
      int[] good = random.ints(8, 8, config.vocabSize()).toArray();
      int[] bad = good.clone();
      for (int times = 0; times < 3; times++) {
        good[random.nextInt(8)] = 7;
      }
      pairs.add(new TrainingSequence(good, 1));
      pairs.add(new TrainingSequence(bad, 1));
    }
    return pairs;
  }

  /** Scores (C) in the state of the last token. */
  private static NDArray lastScores(EagerDecoder eager, TrainingSequence sequence) {
    long[] tokens = Arrays.stream(sequence.tokens()).asLongStream().toArray();
    NDArray scores = eager.scores(eager.manager().create(tokens, new Shape(1, tokens.length)));
    return scores.get(0).get(tokens.length - 1);
  }
}

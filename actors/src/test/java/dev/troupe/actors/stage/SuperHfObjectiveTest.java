package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.kl.VocabularyDivergence;
import dev.troupe.algorithms.superhf.BestFilter;
import dev.troupe.algorithms.superhf.SuperHfSettings;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import dev.troupe.runtime.training.LearningRate;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The supervised half of SuperHF with a real decoder; its prior is in the tests of whole runs. */
class SuperHfObjectiveTest {
  private static final double FLOAT32 = 1e-5;
  private static final double TEMPERATURE = 1;

  /** Ids 0 to 2 are pad, begin and end, then a = 3 to i = 11. */
  private static final PromptTokens PROMPTS =
      new PromptTokens(new CharacterTokenizer("abcdefghi"), TinyPolicy.CONFIG);

  private static SuperHfObjective objective(int keep, int batch, double inversePenalty) {
    return new SuperHfObjective(
        new BestFilter(keep, 0),
        new SuperHfSettings(
            0,
            SuperHfSettings.Reduction.MEAN,
            VocabularyDivergence.REFERENCE_TO_POLICY,
            inversePenalty),
        batch,
        TEMPERATURE,
        Optional.empty(),
        PROMPTS);
  }

  private static double crossEntropy(Trainer trainer, List<TrainingSequence> sequences) {
    double sum = 0;
    int tokens = 0;
    for (float[] row : trainer.logps(sequences, TEMPERATURE)) {
      tokens += row.length;
      for (float logp : row) {
        sum -= logp;
      }
    }
    return sum / tokens;
  }

  private static TrainingSequence row(ScoredGroup group, int row) {
    return Sequences.of(group.group(), group.group().rollouts().get(row));
  }

  @Test
  void learnsTheBestOfEachPromptLikeDemonstrations() {
    ScoredGroup one = Judged.group(new int[][] {{5, 6, 2}, {}, {7, 8}}, new double[] {0.2, 9, 0.4});
    ScoredGroup two =
        Judged.group(new int[][] {{5}, {6, 6, 6, 2}, {9}}, new double[] {Double.NaN, 1, 0.5});
    ScoredGroup empty = Judged.group(new int[][] {{}, {}}, new double[] {1, 2});
    try (var policy = new TinyPolicy(1e-3, 1000, 1)) {
      double expected =
          crossEntropy(policy.trainer(), List.of(row(one, 2), row(two, 1))); // 2 + 4 tokens
      double inverse = expected + 0.5 / expected;

      Map<String, Double> metrics =
          objective(1, 8, 0.5).learn(policy.trainer(), 0, List.of(one, two, empty));

      assertEquals(inverse, metrics.get("loss"), FLOAT32);
      assertEquals(6, metrics.get("tokens/trained"));
      assertEquals(2, metrics.get("completions/kept"));
      assertEquals(0.7, metrics.get("reward/kept"), 1e-12);
      assertEquals(1, policy.trainer().steps());
    }
  }

  @Test
  void tellsWhichCompletionsWereKeptAndThatTheirTokensCountTheSame() {
    ScoredGroup one = Judged.group(new int[][] {{5, 6, 2}, {}, {7, 8}}, new double[] {0.2, 9, 0.4});
    ScoredGroup two =
        Judged.group(new int[][] {{5}, {6, 6, 6, 2}, {9}}, new double[] {Double.NaN, 1, 0.5});
    try (var policy = new TinyPolicy(1e-3, 1000, 1)) {
      SuperHfObjective objective = objective(1, 8, 0);
      objective.learn(policy.trainer(), 0, List.of(one, two));

      List<Credit> credits = objective.credits();
      assertEquals(2, credits.size());
      assertEquals(List.of(2, 1), credits.stream().map(Credit::row).toList());
      for (Credit credit : credits) {
        assertEquals("kept", credit.lesson().part());
        for (float pull : credit.lesson().pulls()) {
          assertEquals(1.0 / 6, pull, FLOAT32); // the mean over 2 + 4 tokens
        }
      }
      assertEquals(2, credits.get(0).lesson().pulls().length);
    }
  }

  @Test
  void keepsTheLearningRateWithinASuperBatch() {
    var falling = new LearningRate(0.01, LearningRate.Kind.LINEAR, 0, 4, 0);
    ScoredGroup group = Judged.group(new int[][] {{5}, {6}, {7}}, new double[] {3, 2, 1});
    try (var policy = new TinyPolicy(falling, 1000, 1)) {
      SuperHfObjective objective = objective(3, 1, 0);
      for (int step = 0; step < 4; step++) {
        Map<String, Double> metrics = objective.learn(policy.trainer(), step, List.of(group));
        assertEquals(0.01 * (4 - step) / 4, metrics.get("learning-rate"), 1e-12);
      }
      assertEquals(12, policy.trainer().steps());
    }
  }

  @Test
  void aTextThatWasCutOutIsLearntWithAnEnd() {
    ScoredGroup sampled = Judged.group(new int[][] {{5, 6, 11, 11}}, new double[] {1});
    var rollouts = new ArrayList<Rollout>();
    for (Rollout rollout : sampled.group().rollouts()) {
      rollouts.add(
          new Rollout(
              0,
              rollout.tokens(),
              rollout.logps(),
              FinishReason.STOP_STRING,
              "cd", // less the "ii" that ended it
              rollout.provenance()));
    }
    var group =
        new ScoredGroup(
            new Group(sampled.ticket(), sampled.group().promptTokens(), rollouts),
            sampled.outcomes(),
            null);
    try (var policy = new TinyPolicy(1e-3, 1000, 1)) {
      int end = PROMPTS.tokenizer().eosToken();
      int[] wanted = {3, 4, 5, 6, end};
      assertEquals(5, PROMPTS.tokenizer().encode("c")[0]);
      double expected = crossEntropy(policy.trainer(), List.of(new TrainingSequence(wanted, 2)));
      Map<String, Double> metrics = objective(1, 1, 0).learn(policy.trainer(), 0, List.of(group));
      assertEquals(expected, metrics.get("loss"), FLOAT32);
      assertEquals(3, metrics.get("tokens/trained"));
    }
  }

  @Test
  void skipsAStepInWhichNothingCanBeLearnt() {
    try (var policy = new TinyPolicy(1e-3, 1000, 1)) {
      ScoredGroup failed = Judged.group(Double.NaN, Double.NaN);
      Map<String, Double> metrics = objective(1, 2, 0).learn(policy.trainer(), 0, List.of(failed));
      assertEquals(0, metrics.get("completions/kept"));
      assertEquals(0, policy.trainer().steps());
      assertTrue(!metrics.containsKey("loss"), metrics.toString());
    }
  }
}

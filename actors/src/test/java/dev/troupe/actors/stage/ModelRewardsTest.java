package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.RewardScorer;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.run.SmallRuns;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.settings.ModelRewardSettings;
import dev.troupe.runtime.settings.ModelRewardSettings.Confidence.Rule;
import dev.troupe.runtime.settings.ModelRewardSettings.Unparsed;
import dev.troupe.runtime.settings.RewardView;
import dev.troupe.runtime.settings.RewardView.Kind;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRewardsTest {
  /** Scores are float32 on their way. */
  private static final double CLOSE = 1e-6;

  @TempDir private Path directory;

  private ModelRewards rewards(Kind view, Unparsed unparsed, Rule rule, double recipeWeight) {
    RunSettings settings = SmallRuns.settings(directory, SmallRuns.STAGES);
    var bench =
        new Workbench(settings, directory, null, null, new PromptTokens(null, null), null, 0);
    var card =
        new RewardModelCard(List.of("reward"), false, List.of(3.0), List.of(2.0), 9, Map.of());
    if (bench.store("rm").latest().isEmpty()) {
      bench.store("rm").write(1, card::write);
    }
    var rewards =
        new ModelRewards(
            new ModelRewardSettings(
                "rm",
                new RewardView(view, "</think>", "", false),
                rule == Rule.NONE,
                List.of(1.0),
                ModelRewardSettings.Combine.SUM_THEN_NORMALISE,
                -1,
                0,
                0,
                0,
                unparsed,
                new ModelRewardSettings.Confidence(rule, 2, 0.1, 10),
                recipeWeight),
            bench);
    rewards.open();
    return rewards;
  }

  /** A group whose completions have these texts and outputs of the head. */
  private static ScoredGroup group(List<String> texts, float... outputs) {
    var id = new TicketId("s", 0);
    var models =
        new ScoringModels(
            null,
            null,
            null,
            new RewardScorer(Samples.version(9), new RewardView(Kind.ALL, "-", "", false)));
    var ticket =
        new Ticket(id, Purpose.TRAINING, 0, 0, texts.size(), 1, Samples.version(0), models);
    var rollouts = new ArrayList<Rollout>();
    var outcomes = new ArrayList<Outcome>();
    var scores = new ArrayList<float[]>();
    for (int i = 0; i < texts.size(); i++) {
      rollouts.add(
          new Rollout(
              i,
              new int[] {2},
              new float[1],
              FinishReason.STOP_TOKEN,
              texts.get(i),
              new Provenance("generator-1", null, ticket.policy())));
      outcomes.add(i == 0 ? new Outcome.Scored(1, Map.of()) : new Outcome.Failed("no server"));
      scores.add(new float[] {outputs[i]});
    }
    return new ScoredGroup(
        new Group(ticket, new int[] {1}, rollouts),
        outcomes,
        new ReferencePart(id, models, null, null, null, scores, 1));
  }

  @Test
  void scoresAreTakenInUnitsOfTheirDeviationWhateverTheRecipesRewardSays() {
    Map<String, Double> metrics = new HashMap<>();
    List<double[]> earned =
        rewards(Kind.ALL, Unparsed.SCORED, Rule.NONE, 0)
            .of(List.of(group(List.of("a", "b"), 3f, 8f)), metrics);

    // (3 - 3) / 2 and (8 - 3) / 2; the mean score itself is recorded as it is.
    assertArrayEquals(new double[] {0, 2.5}, earned.get(0), CLOSE);
    assertEquals(5.5, metrics.get("reward-model/score/reward"), CLOSE);
  }

  @Test
  void theRecipesRewardIsAddedWhereItIsKnown() {
    List<double[]> earned =
        rewards(Kind.ALL, Unparsed.SCORED, Rule.NONE, 0.5)
            .of(List.of(group(List.of("a", "b"), 3f, 8f)), new HashMap<>());

    assertArrayEquals(new double[] {0.5, Double.NaN}, earned.get(0), CLOSE);
  }

  @Test
  void whoGivesNoAnswerEarnsLessThanAnybody() {
    Map<String, Double> metrics = new HashMap<>();
    List<double[]> earned =
        rewards(Kind.ANSWER, Unparsed.BELOW_GROUP, Rule.NONE, 0)
            .of(List.of(group(List.of("1</think>2", "2", "1</think>3"), 5f, 9f, 1f)), metrics);

    // 1, 3 and -1 in units of the deviation; the second has no thoughts and gets -1 - 1.
    assertArrayEquals(new double[] {1, -2, -1}, earned.get(0), CLOSE);
    assertEquals(2 / 3.0, metrics.get("format/parsed"), CLOSE);
  }

  @Test
  void confidencePaysAboveTheAverageAndTheAverageIsTakenUpAgain() {
    ModelRewards first = rewards(Kind.WITHOUT_CONFIDENCE, Unparsed.SCORED, Rule.DIFFERENCE, 0);
    ScoredGroup group = group(List.of("2\nConfidence: 10.", "3\nConfidence: 0."), 5f, 3f);
    Map<String, Double> metrics = new HashMap<>();

    List<double[]> earned = first.of(List.of(group), metrics);

    // The average moves from the model's own 3 to 0.1 * 4 + 0.9 * 3 = 3.1.
    // 5 + 2 * (5 - 3.1) * 0.5 = 6.9, and 3 + 2 * (3 - 3.1) * -0.5 = 3.1.
    assertArrayEquals(new double[] {6.9, 3.1}, earned.get(0), CLOSE);
    assertEquals(0.5, metrics.get("confidence/mean"), CLOSE);

    first.snapshot().accept(directory);
    ModelRewards second = rewards(Kind.WITHOUT_CONFIDENCE, Unparsed.SCORED, Rule.DIFFERENCE, 0);
    second.read(directory);
    assertArrayEquals(
        first.of(List.of(group), metrics).get(0), second.of(List.of(group), metrics).get(0), 0);
  }
}

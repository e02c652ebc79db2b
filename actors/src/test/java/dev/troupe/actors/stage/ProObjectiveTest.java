package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.pro.ProSettings;
import dev.troupe.algorithms.pro.Temperature;
import dev.troupe.runtime.training.Trainer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PRO with a real decoder against the formulas of its specification in plain loops. */
class ProObjectiveTest {
  private static final double SUPERVISED = 0.05;
  private static final double TEMPERATURE = 1;
  private static final double FLOAT32 = 2e-5;
  private static final ScoredGroup FOUR =
      Judged.group(
          new int[][] {{5, 6, 1}, {7, 8}, {9, 10, 11, 1}, {4}}, new double[] {0.2, 1.5, 0.9, 0.2});
  private static final ScoredGroup THREE =
      Judged.group(
          new int[][] {{8, 1}, {6, 6, 6}, {5, 1}, {7}}, new double[] {2, Double.NaN, 0.5, 1});
  private static final ScoredGroup TIED =
      Judged.group(new int[][] {{8}, {6}, {5}, {7}}, new double[] {1, 1, 1, 1});

  private static ProObjective objective(Temperature temperature) {
    return new ProObjective(new ProSettings(temperature, SUPERVISED, false, 0), 4, TEMPERATURE);
  }

  /** Sections (c) 1 to 4 of the specification. */
  private static double loss(Trainer trainer, ScoredGroup group, Temperature temperature) {
    return loss(trainer, group, temperature, -1, 0);
  }

  /** The same with one candidate's log-probability changed by so much. */
  private static double loss(
      Trainer trainer, ScoredGroup group, Temperature temperature, int changed, double by) {
    Ranking ranking = Ranking.of(List.of(group)).get(0);
    int l = ranking.rows().length;
    double[] sums = new double[l];
    double[] scores = new double[l];
    for (int k = 0; k < l; k++) {
      var rollout = group.group().rollouts().get(ranking.rows()[k]);
      for (float logp :
          trainer.logps(List.of(Sequences.of(group.group(), rollout)), TEMPERATURE).get(0)) {
        sums[k] += logp;
      }
      sums[k] += k == changed ? by : 0;
      scores[k] = sums[k] / rollout.length();
    }
    double[] r = ranking.rewards();
    double loss = -SUPERVISED * (l - 1) * (l - 1) * sums[0];
    for (int k = 0; k < l - 1; k++) {
      boolean isOn = temperature != Temperature.NONE;
      double own = Math.exp((isOn ? r[k] - r[l - 1] : 1) * scores[k]);
      double all = own;
      for (int j = k + 1; j < l; j++) {
        all += Math.exp((isOn ? r[k] - r[j] : 1) * scores[j]);
      }
      loss -= Math.log(own / all);
    }
    return loss;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000})
  void isTheMeanLossOfTheListsHoweverTheyAreSplit(int microBatchTokens) {
    for (Temperature temperature : List.of(Temperature.REWARD_GAP, Temperature.NONE)) {
      try (var policy = new TinyPolicy(1e-3, microBatchTokens, 4)) {
        double expected =
            (loss(policy.trainer(), FOUR, temperature) + loss(policy.trainer(), THREE, temperature))
                / 2;
        Map<String, Double> metrics =
            objective(temperature).learn(policy.trainer(), 0, List.of(FOUR, TIED, THREE));
        assertEquals(expected, metrics.get("loss"), FLOAT32 * Math.abs(expected));
        // Five of the six pairs of FOUR differ in reward, and all three of THREE.
        assertEquals(8, metrics.get("preference/pairs"));
        // 3 + 2 + 4 + 1 tokens of FOUR, 2 + 2 + 1 of THREE; none of the failure and of TIED.
        assertEquals(15, metrics.get("tokens/trained"));
        assertEquals((1.3 + 1.5) / 2, metrics.get("ranking/reward-gap"), 1e-12);
      }
    }
  }

  @Test
  void tellsWhatEachTokenOfACandidateWasTrainedWith() {
    double h = 1e-4; // of a loss in float64 over log-probabilities in float32
    try (var policy = new TinyPolicy(1e-3, 1000, 4)) {
      double[] pulls = new double[4];
      for (int k = 0; k < 4; k++) {
        pulls[k] =
            (loss(policy.trainer(), FOUR, Temperature.REWARD_GAP, k, -h)
                    - loss(policy.trainer(), FOUR, Temperature.REWARD_GAP, k, h))
                / (2 * h);
      }
      ProObjective objective = objective(Temperature.REWARD_GAP);
      objective.learn(policy.trainer(), 0, List.of(TIED, FOUR));

      List<Credit> credits = objective.credits();
      assertEquals(4, credits.size(), "none of the tied");
      // Rewards 1.5, 0.9, and twice 0.2, of which the earlier sample goes first.
      int[] rows = {1, 2, 0, 3};
      for (int k = 0; k < 4; k++) {
        Credit credit = credits.get(k);
        assertEquals(1, credit.group());
        assertEquals(rows[k], credit.row());
        assertEquals("rank %d of 4".formatted(k + 1), credit.lesson().part());
        assertEquals("mean log-probability", credit.lesson().quantity());
        for (float pull : credit.lesson().pulls()) {
          assertEquals(pulls[k], pull, 1e-3 * Math.max(1, Math.abs(pulls[k])));
        }
        double mean = 0;
        for (float logp : credit.policy()) {
          mean += logp / credit.policy().length;
        }
        assertEquals(mean, credit.lesson().amount(), 1e-6);
      }
    }
  }

  @Test
  void learnsTheRankingOfAGroup() {
    try (var policy = new TinyPolicy(1e-2, 1000, 4)) {
      ProObjective objective = objective(Temperature.REWARD_GAP);
      for (int step = 0; step < 60; step++) {
        objective.learn(policy.trainer(), step, List.of(FOUR, THREE));
      }
      Map<String, Double> metrics = objective.learn(policy.trainer(), 60, List.of(FOUR, THREE));
      assertEquals(1, metrics.get("preference/accuracy"));
      assertTrue(metrics.get("preference/margin") > 1, metrics.toString());
    }
  }

  @Test
  void leavesTheWeightsAsTheyAreWithoutAPreference() {
    try (var policy = new TinyPolicy(1e-2, 1000, 4)) {
      Map<String, Double> metrics =
          objective(Temperature.NONE).learn(policy.trainer(), 0, List.of(TIED));
      assertEquals(0, policy.trainer().steps());
      assertEquals(0, metrics.get("preference/pairs"));
    }
  }
}

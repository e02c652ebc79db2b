package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.tdpo.TdpoSettings;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.training.Divergence;
import dev.troupe.runtime.training.ScoringEngine;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TDPO with a real decoder and a reference that is another one. */
class TdpoObjectiveTest {
  private static final double BETA = 0.5;
  private static final double TEMPERATURE = 1;
  private static final double FLOAT32 = 1e-5;
  private static final long REFERENCE = 6;
  private static final List<ScoredGroup> GROUPS =
      List.of(
          Judged.group(new int[][] {{5, 6, 1}, {7, 8}, {9, 10, 11, 1}}, new double[] {0, 2, 1}),
          Judged.group(new int[][] {{8, 1}, {6, 6, 6}}, new double[] {1, 0}));

  /** What some steps on the same groups measure, one after the other. */
  private static Map<String, Double> learn(TdpoSettings settings, int tokens, int steps) {
    try (var policy = new TinyPolicy(1e-2, tokens, Pairs.ROWS);
        var reference =
            new FrozenModel(
                () -> policy.others(REFERENCE), NumericType.FP32, Divergence.REFERENCE_TO_POLICY)) {
      reference.open();
      var objective = new TdpoObjective(settings, TEMPERATURE, reference);
      for (int step = 0; step < steps - 1; step++) {
        objective.learn(policy.trainer(), step, GROUPS);
      }
      return objective.learn(policy.trainer(), steps - 1, GROUPS);
    }
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  /** DPO's loss, Rafailov et al. 2023, equation 7, in plain loops. */
  private static double dpoLoss() {
    List<TrainingSequence> pairs = Pairs.of(GROUPS).sequences();
    try (var policy = new TinyPolicy(1e-2, 1000, Pairs.ROWS);
        DecoderWeights others = policy.others(REFERENCE);
        var reference = new ScoringEngine(others, NumericType.FP32, 1000)) {
      List<float[]> logps = policy.trainer().logps(pairs, TEMPERATURE);
      List<float[]> refs = reference.logps(pairs, TEMPERATURE);
      double loss = 0;
      for (int p = 0; p < pairs.size(); p += 2) {
        double margin =
            sum(logps.get(p)) - sum(refs.get(p)) - sum(logps.get(p + 1)) + sum(refs.get(p + 1));
        loss += Math.log1p(Math.exp(-BETA * margin));
      }
      return loss / (pairs.size() / 2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000})
  void isDpoWhereTheDivergencesHaveNoWeight(int microBatchTokens) {
    Map<String, Double> metrics = learn(TdpoSettings.tdpo2(BETA, 0), microBatchTokens, 1);
    assertEquals(dpoLoss(), metrics.get("loss"), FLOAT32);
    assertEquals(2, metrics.get("preference/pairs"));
    assertEquals(10, metrics.get("tokens/trained")); // 2 + 3 and 2 + 3
  }

  @Test
  void tellsTheTokensOfBothOfAPairWithTheReferenceThatItReadItself() {
    try (var policy = new TinyPolicy(1e-2, 1000, Pairs.ROWS);
        var reference =
            new FrozenModel(
                () -> policy.others(REFERENCE), NumericType.FP32, Divergence.REFERENCE_TO_POLICY)) {
      reference.open();
      var objective = new TdpoObjective(TdpoSettings.tdpo2(BETA, 1), TEMPERATURE, reference);
      objective.learn(policy.trainer(), 0, GROUPS);

      List<Credit> credits = objective.credits();
      assertEquals(4, credits.size());
      for (int i = 0; i < 4; i++) {
        Credit credit = credits.get(i);
        double sign = i % 2 == 0 ? 1 : -1;
        assertEquals(i % 2 == 0 ? "chosen" : "rejected", credit.lesson().part());
        for (float pull : credit.lesson().pulls()) {
          assertTrue(sign * pull > 0, "pull " + pull + " of " + credit.lesson().part());
        }
        assertEquals(
            BETA * (sum(credit.policy()) - sum(credit.reference())),
            credit.lesson().amount(),
            FLOAT32);
      }
    }
  }

  @Test
  void theVariantsAgreeInValueAtAlphaOneAndPart() {
    TdpoSettings one = TdpoSettings.tdpo1(BETA);
    TdpoSettings two = TdpoSettings.tdpo2(BETA, 1);
    Map<String, Double> first = learn(one, 1000, 1);
    assertEquals(first.get("loss"), learn(two, 1000, 1).get("loss"), FLOAT32);
    // The divergences are sums over positions, and their difference is what is taken off.
    double shift = first.get("kl/rejected") - first.get("kl/chosen");
    assertNotEquals(0, shift, 1e-3);
    assertTrue(Math.abs(learn(one, 1000, 3).get("loss") - learn(two, 1000, 3).get("loss")) > 1e-4);
  }

  @Test
  void learnsToPreferTheChosenAndStaysNearTheReferenceOnTheRejected() {
    Map<String, Double> near = learn(TdpoSettings.tdpo2(BETA, 1), 1000, 60);
    Map<String, Double> free = learn(TdpoSettings.tdpo2(BETA, 0), 1000, 60);
    assertEquals(1, near.get("preference/accuracy"));
    assertTrue(near.get("preference/margin") > 1, near.toString());
    assertTrue(near.get("kl/rejected") < free.get("kl/rejected"), near + " " + free);
  }
}

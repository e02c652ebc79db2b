package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.runtime.settings.ModelRewardSettings;
import dev.troupe.runtime.settings.ModelRewardSettings.Combine;
import dev.troupe.runtime.settings.RewardView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CombinationTest {
  private static final double EXACT = 1e-12;

  /** Two groups of two completions with two scores. */
  private static final double[][][] SCORES = {{{1, 0}, {0, 0.5}}, {{0.2, 0.2}, {0.6, 1}}};

  private static Combination combination(Combine combine) {
    return Combination.of(
        new ModelRewardSettings(
            "rm",
            new RewardView(RewardView.Kind.ALL, "-", "", false),
            false,
            List.of(0.25, 0.75),
            combine,
            combine == Combine.SUM_THEN_NORMALISE ? -1 : 1,
            0.5,
            2,
            0.4,
            ModelRewardSettings.Unparsed.SCORED,
            new ModelRewardSettings.Confidence(
                ModelRewardSettings.Confidence.Rule.NONE, 2, 0.1, 10),
            0));
  }

  @Test
  void addsTheScoresByTheirWeights() {
    double[][] rewards = combination(Combine.SUM_THEN_NORMALISE).of(SCORES);
    assertArrayEquals(new double[] {0.25, 0.375}, rewards[0], EXACT);
    assertArrayEquals(new double[] {0.2, 0.9}, rewards[1], EXACT);
  }

  @Test
  void aGateCostsOnlyBelowItsThreshold() {
    double[][] rewards = combination(Combine.GATED).of(SCORES);
    // 2 * min(0, s - 0.5) + 0.25 * the other score
    assertArrayEquals(new double[] {-1 + 0.25, 0}, rewards[0], EXACT);
    assertArrayEquals(new double[] {-0.6 + 0.05, 0.15}, rewards[1], EXACT);
  }

  @Test
  void thePriceOfAConstraintFollowsItsMeanAndCanBeTakenUpAgain() {
    Combination first = combination(Combine.LAGRANGIAN);
    // 2 * (s - 0.5) + 0.25 * the other score
    assertArrayEquals(new double[] {-1 + 0.25, 0}, first.of(SCORES)[0], EXACT);

    Combination second = first.after(SCORES);
    // The mean of the constraint is 1.7 / 4 = 0.425: 2 + 0.4 * (0.5 - 0.425) = 2.03.
    assertEquals(2.03, second.lambda(), EXACT);
    assertEquals(2.03, first.withLambda(2.03).lambda(), EXACT);
    assertArrayEquals(second.of(SCORES)[1], first.withLambda(2.03).of(SCORES)[1], EXACT);
    Map<String, Double> metrics = new HashMap<>();
    second.measure(metrics);
    assertEquals(2.03, metrics.get("reward-model/lambda"), EXACT);
  }

  @Test
  void comparesEachScoreWithinItsGroupBeforeItAddsThem() {
    double[][] rewards = combination(Combine.NORMALISE_THEN_SUM).of(SCORES);
    // Group 0: the scores disagree by the same number of deviations, and the second weighs more.
    assertEquals(-rewards[0][0], rewards[0][1], 1e-9);
    assertEquals(-rewards[1][0], rewards[1][1], 1e-9);
    // Group 1 agrees on its second completion: 0.25 + 0.75 against 0.75 - 0.25 of group 0.
    assertEquals(2, rewards[1][1] / rewards[0][1], 1e-3);
  }
}

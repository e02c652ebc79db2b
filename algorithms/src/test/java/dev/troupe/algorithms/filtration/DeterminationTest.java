package dev.troupe.algorithms.filtration;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class DeterminationTest {
  private static final double EXACT = 1e-12;

  @Test
  void fitsALineByLeastSquares() {
    // means 1 and 2
    Determination fit = Determination.of(new double[] {0, 1, 2}, new double[] {1.5, 1, 3.5});
    // products (-1)(-0.5) + (1)(1.5) = 2 over 2
    assertEquals(1, fit.slope(), EXACT);
    assertEquals(1, fit.intercept(), EXACT);
    // residuals 0.5, -1, 0.5: 1.5; total 0.25 + 1 + 2.25 = 3.5
    assertEquals(1 - 1.5 / 3.5, fit.r2(), EXACT);
  }

  @Test
  void aWeightOfTwoIsASampleTwice() {
    Determination weighted =
        Determination.weighted(
            new double[] {0, 1, 3}, new double[] {1, 0, 2}, new double[] {2, 1, 0});
    Determination repeated = Determination.of(new double[] {0, 0, 1}, new double[] {1, 1, 0});
    assertEquals(repeated.slope(), weighted.slope(), EXACT);
    assertEquals(repeated.intercept(), weighted.intercept(), EXACT);
    assertEquals(repeated.r2(), weighted.r2(), EXACT);
  }

  @Test
  void binsAverageNeighboursByReward() {
    // sorted: (0,1) (1,3) | (2,0) (4,4) -> means (0.5, 2) and (3, 2)
    double[] rewards = {4, 0, 2, 1};
    double[] scores = {4, 1, 0, 3};
    double[] ones = {1, 1, 1, 1};
    Determination two = Determination.binned(rewards, scores, ones, 2);
    assertEquals(0, two.slope(), EXACT);
    assertEquals(2, two.intercept(), EXACT);
    assertEquals(
        Determination.of(rewards, scores).r2(),
        Determination.binned(rewards, scores, ones, 9).r2(),
        EXACT);
    // Without (2, 0) there are (0,1) | (1,3) (4,4), the last with weight 2: (0, 1) and (3, 11/3)
    Determination without = Determination.binned(rewards, scores, new double[] {2, 1, 0, 1}, 2);
    assertEquals(8 / 9.0, without.slope(), EXACT);
    assertEquals(1, without.r2(), EXACT);
  }

  @Test
  void whatIsAllEqualExplainsNothing() {
    double[] equal = {0.1, 0.1, 0.1};
    double[] other = {1, 2, 6};
    assertEquals(new Determination(3, 0, 0), Determination.of(equal, other));
    assertEquals(0, Determination.of(other, equal).r2());
    assertEquals(0, Determination.of(new double[] {5}, new double[] {1}).r2());
  }

  @Property(tries = 100)
  void staysTheSameWhenRewardsAreShiftedAndScaled(
      @ForAll @DoubleRange(min = -5, max = 5) double shift,
      @ForAll @DoubleRange(min = 0.1, max = 5) double scale) {
    double[] rewards = {0.3, -0.4, 0.8, 0.1};
    double[] scores = {0.2, 0.1, 0.9, 0.4};
    double[] moved = new double[4];
    for (int i = 0; i < 4; i++) {
      moved[i] = shift + scale * rewards[i];
    }
    Determination fit = Determination.of(moved, scores);
    assertEquals(Determination.of(rewards, scores).r2(), fit.r2(), 1e-9);
    assertTrue(fit.r2() >= 0 && fit.r2() <= 1);
  }

  @Test
  void prefersTheFilterThatKeepsReliableRewards() {
    // The reward is right at the extremes and noise in between, as in the paper's figure 2.
    SplittableRandom random = new SplittableRandom(4);
    double[][] rewards = new double[400][5];
    double[][] scores = new double[400][5];
    for (int p = 0; p < rewards.length; p++) {
      for (int i = 0; i < 5; i++) {
        scores[p][i] = random.nextDouble();
        boolean isMiddle = Math.abs(scores[p][i] - 0.5) < 0.25;
        rewards[p][i] = scores[p][i] + (isMiddle ? 0.6 : 0.05) * (random.nextDouble() - 0.5);
      }
    }
    List<Determination.Ranked> ranked =
        Determination.compare(
            List.of(RankWeights.BEST_OF_N, RankWeights.NONE, RankWeights.BEST_WORST),
            rewards,
            scores,
            2000);
    assertEquals(RankWeights.BEST_WORST, ranked.get(0).filter());
    assertEquals(RankWeights.BEST_OF_N, ranked.get(2).filter());
  }

  @Test
  void refusesSamplesThatDoNotFit() {
    double[] two = {1, 2};
    assertRefused(
        "scores has length 1, expected 2 like rewards", () -> Determination.of(two, new double[1]));
    assertRefused(
        "weights has length 1, expected 2 like rewards",
        () -> Determination.weighted(two, two, new double[1]));
    assertRefused(
        "weights[0] is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
        () -> Determination.weighted(two, two, new double[] {-1, 1}));
    assertRefused(
        "no sample of 2 has a weight above 0, expected at least 1",
        () -> Determination.weighted(two, two, new double[2]));
    assertRefused(
        "no sample of 0 has a weight above 0, expected at least 1",
        () -> Determination.of(new double[0], new double[0]));
    assertRefused("bins is 0, expected at least 1", () -> Determination.binned(two, two, two, 0));
    assertRefused(
        "rewards at index 0 is NaN, expected a finite number",
        () -> Determination.of(new double[] {Double.NaN, 1}, two));
    assertRefused(
        "scores at index 1 is NaN, expected a finite number",
        () -> Determination.of(two, new double[] {1, Double.NaN}));
    assertRefused(
        "scores[0] has length 1, expected 2 like rewards[0]",
        () ->
            Determination.compare(
                List.of(RankWeights.NONE), new double[1][2], new double[1][1], 2));
    assertRefused(
        "scores has length 2, expected 1 like rewards",
        () ->
            Determination.compare(
                List.of(RankWeights.NONE), new double[1][2], new double[2][2], 2));
  }
}

package dev.troupe.algorithms.filtration;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class RankFilterTest {
  private static final double EXACT = 1e-12;
  private static final double[] REWARDS = {0.1, 0.9, -0.7, 0.4};

  @Test
  void givesEachResponseTheWeightOfItsRank() {
    // by rank: responses 1, 3, 0, 2
    assertArrayEquals(new int[] {1, 3, 0, 2}, RankFilter.bestFirst(REWARDS));
    assertArrayEquals(new double[] {0, 1, 0, 0}, RankWeights.BEST_OF_N.weights(REWARDS));
    assertArrayEquals(new double[] {0, 0.5, 0.5, 0}, RankWeights.BEST_WORST.weights(REWARDS));
    double sixth = 0.5 / 3;
    assertArrayEquals(
        new double[] {sixth, 0.5, sixth, sixth}, RankWeights.BEST_RANDOM.weights(REWARDS), EXACT);
    assertArrayEquals(
        new double[] {0.25, 0.25, 0.25, 0.25}, RankWeights.NONE.weights(REWARDS), EXACT);
    // 0.4 and three times 0.1 are made to sum to 1
    assertArrayEquals(
        new double[] {1 / 7.0, 4 / 7.0, 1 / 7.0, 1 / 7.0},
        RankWeights.REPOSITORY_BEST_RANDOM.weights(REWARDS),
        EXACT);
    assertArrayEquals(
        RankWeights.BEST_RANDOM.weights(new double[] {5, 4, 3, 2, 1}),
        RankWeights.REPOSITORY_BEST_RANDOM.weights(new double[] {5, 4, 3, 2, 1}),
        EXACT);
  }

  @Test
  void selectsTwoOfNDeterministically() {
    DoubleSupplier last = () -> Math.nextDown(1.0);
    assertArrayEquals(new int[] {1}, RankWeights.BEST_OF_N.select(REWARDS, last));
    assertArrayEquals(new int[] {1, 2}, RankWeights.BEST_WORST.select(REWARDS, last));
    assertArrayEquals(new int[] {1, 3}, RankWeights.BEST_RANDOM.select(REWARDS, () -> 0));
    assertArrayEquals(new int[] {1, 0}, RankWeights.BEST_RANDOM.select(REWARDS, () -> 0.4));
    assertArrayEquals(new int[] {1, 2}, RankWeights.BEST_RANDOM.select(REWARDS, last));
    assertArrayEquals(new int[] {1, 2}, RankWeights.REPOSITORY_BEST_RANDOM.select(REWARDS, last));
    assertArrayEquals(new int[] {1, 3, 0, 2}, RankWeights.NONE.select(REWARDS, last));
  }

  @Test
  void bestWorstOfTwoKeepsBoth() {
    assertArrayEquals(
        new int[] {1, 0}, RankWeights.BEST_WORST.select(new double[] {1, 2}, () -> 0));
    assertArrayEquals(new double[] {0.5, 0.5}, RankWeights.BEST_WORST.weights(new double[] {1, 2}));
    assertArrayEquals(
        new int[] {1, 0}, RankWeights.BEST_RANDOM.select(new double[] {1, 2}, () -> 0.9));
  }

  @Test
  void tiedResponsesRankByIndex() {
    double[] tied = {1, 2, 1, 2, 0.0, -0.0};
    assertArrayEquals(new int[] {1, 3, 0, 2, 4, 5}, RankFilter.bestFirst(tied));
    assertArrayEquals(new int[] {1, 5}, RankWeights.BEST_WORST.select(tied, () -> 0));
  }

  @Property
  void dropsAPromptWhoseRewardsAreAllEqual(
      @ForAll("filters") RankFilter filter, @ForAll @DoubleRange(min = -1, max = 1) double reward) {
    for (int n = 1; n < 4; n++) {
      double[] rewards = new double[n];
      Arrays.fill(rewards, reward);
      assertEquals(0, filter.select(rewards, () -> 0).length);
      assertEquals(0, filter.draw(rewards, 3, () -> 0).length);
      assertTrue(Arrays.stream(filter.weights(rewards)).allMatch(Double::isFinite));
    }
    assertEquals(3, RankWeights.NONE.select(new double[3], () -> 0).length);
    for (RankWeights byRank : RankWeights.values()) {
      assertArrayEquals(new double[] {1}, byRank.weights(new double[] {reward}), EXACT);
    }
  }

  @Property
  void weightsAreADistributionThatMovesWithTheResponses(
      @ForAll("filters") RankFilter filter, @ForAll("different") double[] rewards) {
    double[] weights = filter.weights(rewards);
    double total = Arrays.stream(weights).sum();
    assertTrue(Arrays.stream(weights).allMatch(weight -> weight >= 0 && weight <= 1));
    assertTrue(total == 0 || Math.abs(total - 1) < EXACT);
    double[] reversed = reversed(rewards);
    assertArrayEquals(reversed(weights), filter.weights(reversed), EXACT);
  }

  @Property
  void aConstantDoesNotChangeTheRanks(
      @ForAll("different") double[] rewards,
      @ForAll @DoubleRange(min = -1, max = 1) double constant) {
    double[] shifted = Arrays.stream(rewards).map(reward -> reward + constant).toArray();
    for (RankWeights filter : RankWeights.values()) {
      assertArrayEquals(filter.weights(rewards), filter.weights(shifted), 0);
    }
  }

  @Property(tries = 20)
  void drawsInTheProportionsOfTheWeights(
      @ForAll("filters") RankFilter filter, @ForAll @LongRange(min = 0, max = 99) long seed) {
    int count = 4000;
    int[] drawn = filter.draw(REWARDS, count, new SplittableRandom(seed)::nextDouble);
    double[] weights = filter.weights(REWARDS);
    for (int i = 0; i < REWARDS.length; i++) {
      int index = i;
      double share = IntStream.of(drawn).filter(at -> at == index).count() / (double) count;
      // five standard errors at most
      assertEquals(weights[i], share, 2.5 / Math.sqrt(count));
    }
  }

  @Provide
  Arbitrary<RankFilter> filters() {
    return Arbitraries.of(
        RankWeights.BEST_OF_N,
        RankWeights.BEST_RANDOM,
        RankWeights.BEST_WORST,
        RankWeights.REPOSITORY_BEST_RANDOM,
        new PowerFilter(1),
        new PowerFilter(2.5),
        ThresholdFilter.top(0.3),
        ThresholdFilter.topRandom(0.3),
        ThresholdFilter.topBottom(-0.2, 0.3));
  }

  @Provide
  Arbitrary<double[]> different() {
    return Arbitraries.doubles()
        .between(-1, 1)
        .ofScale(2)
        .array(double[].class)
        .ofMinSize(2)
        .ofMaxSize(9)
        .filter(values -> Arrays.stream(values).distinct().count() == values.length);
  }

  private static double[] reversed(double[] values) {
    return IntStream.range(0, values.length)
        .mapToDouble(i -> values[values.length - 1 - i])
        .toArray();
  }

  @Test
  void powersWeighDistanceFromZero() {
    double[] rewards = {0.5, -1, 0};
    assertArrayEquals(new double[] {0.2, 0.8, 0}, new PowerFilter(2).weights(rewards), EXACT);
    assertArrayEquals(
        new double[] {1 / 3.0, 2 / 3.0, 0}, new PowerFilter(1).weights(rewards), EXACT);
    // No number under- or overflows, whatever the scale.
    assertArrayEquals(
        new double[] {0.2, 0.8, 0},
        new PowerFilter(2).weights(new double[] {0.5e-200, -1e-200, 0}),
        EXACT);
    assertArrayEquals(new double[] {0.5, 0.5}, new PowerFilter(2).weights(new double[2]), EXACT);
    // cumulated 0.2, 1: draws below 0.2 give the first response
    double[] uniforms = {0.19, 0.21};
    int[] next = {0};
    assertArrayEquals(
        new int[] {0, 1}, new PowerFilter(2).select(rewards, () -> uniforms[next[0]++]));
    assertArrayEquals(
        new int[] {1, 1}, new PowerFilter(2).select(rewards, () -> Math.nextDown(1.0)));
  }

  @Test
  void thresholdsKeepByRewardAlone() {
    assertArrayEquals(new int[] {1, 3}, ThresholdFilter.top(0.3).select(REWARDS, () -> 0));
    assertArrayEquals(
        new int[] {0, 1, 2, 3}, ThresholdFilter.topRandom(0.3).select(REWARDS, () -> 0.49));
    assertArrayEquals(new int[] {1, 3}, ThresholdFilter.topRandom(0.3).select(REWARDS, () -> 0.5));
    assertArrayEquals(
        new int[] {1, 2, 3},
        ThresholdFilter.topBottom(-0.2, 0.3).select(REWARDS, () -> Math.nextDown(1.0)));
    // The thresholds themselves belong to the middle.
    assertArrayEquals(
        new int[0], ThresholdFilter.topBottom(-1, 1).select(new double[] {-1, 1}, () -> 0));
    assertEquals(0, ThresholdFilter.top(2).draw(REWARDS, 3, () -> 0).length);
    assertArrayEquals(new double[4], ThresholdFilter.top(2).weights(REWARDS));
  }

  @Test
  void refusesBadRewardsAndSettings() {
    assertRefused(
        "rewards is empty, expected at least 1 reward",
        () -> RankWeights.BEST_WORST.weights(new double[0]));
    assertRefused(
        "rewards at index 1 is NaN, expected a finite number",
        () -> new PowerFilter(1).weights(new double[] {0, Double.NaN}));
    assertRefused(
        "rewards at index 0 is Infinity, expected a finite number",
        () -> ThresholdFilter.top(0).weights(new double[] {Double.POSITIVE_INFINITY}));
    assertRefused(
        "uniform gave 1.0, expected a number in [0, 1)",
        () -> RankWeights.BEST_RANDOM.select(REWARDS, () -> 1));
    assertRefused(
        "count is -1, expected 0 or more",
        () -> RankWeights.BEST_RANDOM.draw(REWARDS, -1, () -> 0));
    assertRefused("exponent is -1.0, expected 0 or more", () -> new PowerFilter(-1));
    assertRefused(
        "low is 1.0 and high is 0.0, expected low to be at most high",
        () -> ThresholdFilter.topBottom(1, 0));
    assertRefused(
        "bottom is 2.0, expected a number in [0.0, 1.0]", () -> new ThresholdFilter(0, 1, 0, 2));
    assertRefused(
        "middle is -1.0, expected a number in [0.0, 1.0]", () -> new ThresholdFilter(0, 1, -1, 0));
  }
}

package dev.troupe.algorithms.bestofn;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BestOfNTest {
  private static final double EXACT = 1e-12;

  @Test
  void bestOfOneIsTheBase() {
    double[] base = {0.1, 0.2, 0.3, 0.4};
    double[] same = new BestOfN(1).distribution(base, new double[] {2, 2, 5, 1});
    assertArrayEquals(base, same, EXACT);
    assertEquals(0, BestOfN.divergence(same, base), EXACT);
    assertEquals(0, new BestOfN(1).divergenceBound(), EXACT);
  }

  @Test
  void bestOfTwoIsTheMaximumOfTwoDraws() {
    // worst 0.5^2, middle 0.75^2 - 0.5^2, best 1 - 0.75^2
    assertArrayEquals(
        new double[] {0.4375, 0.25, 0.3125},
        new BestOfN(2).distribution(new double[] {0.25, 0.5, 0.25}, new double[] {3, 1, 2}),
        EXACT);
  }

  @Property(tries = 60)
  void agreesWithTheEnumerationOfAllDrawsEvenWithTies(
      @ForAll @IntRange(min = 1, max = 5) int n, @ForAll @IntRange(min = 0, max = 1000) int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] base = random.doubles(4).toArray();
    double total = Arrays.stream(base).sum();
    base = Arrays.stream(base).map(p -> p / total).toArray();
    double[] rewards = random.ints(4, 0, 3).asDoubleStream().toArray();
    double[] counted = new double[4];
    for (int code = 0; code < Math.pow(4, n); code++) {
      double probability = 1;
      double[] drawn = new double[n];
      int[] answers = new int[n];
      for (int i = 0, rest = code; i < n; i++, rest /= 4) {
        answers[i] = rest % 4;
        drawn[i] = rewards[answers[i]];
        probability *= base[answers[i]];
      }
      counted[answers[BestOfN.best(drawn)]] += probability;
    }
    double[] exact = new BestOfN(n).distribution(base, rewards);
    assertArrayEquals(counted, exact, EXACT);
    assertTrue(
        BestOfN.divergence(exact, base) <= new BestOfN(n).divergenceBound() + EXACT,
        "the divergence is above its bound");
  }

  @Test
  void largeNAndTinyProbabilitiesLoseNoDigits() {
    double tiny = 1e-18;
    double[] best =
        new BestOfN(1_000_000).distribution(new double[] {1, tiny, 0}, new double[] {1, 2, 3});
    // 1 - (1 - 1e-18)^1e6
    assertEquals(1e-12, best[1], 1e-20);
    assertEquals(0, best[2]);
    // The base itself sums to 1 only up to its last digit, and n is large.
    assertEquals(1, Arrays.stream(best).sum(), 1e-11);
    // 0.5 ln(0.5 / 0.25) + 0.5 ln(0.5 / 0.75), and nothing for what is never given
    assertEquals(
        0.5 * Math.log(2) + 0.5 * Math.log(2.0 / 3),
        BestOfN.divergence(new double[] {0.5, 0.5, 0}, new double[] {0.25, 0.75, 0}),
        EXACT);
  }

  @Test
  void aBaseThatIsRoundedGivesADistributionAllTheSame() {
    double[] base = {0.3333333, 0.3333333, 0.3333333};
    double[] best = new BestOfN(1000).distribution(base, new double[] {1, 2, 3});
    assertEquals(1, Arrays.stream(best).sum(), EXACT);
  }

  @Test
  void theChoiceIsTheFirstOfTheHighest() {
    assertEquals(1, BestOfN.best(new double[] {-5, -1, -1, -2}));
    assertEquals(0, BestOfN.best(new double[] {7}));
  }

  @Test
  void theExpectedRewardAndTheBoundAreTheirFormulas() {
    assertEquals(
        0.25 * 4 - 0.75 * 8,
        BestOfN.expectedReward(new double[] {0.25, 0.75}, new double[] {4, -8}),
        EXACT);
    assertEquals(Math.log(4) - 0.75, new BestOfN(4).divergenceBound(), EXACT);
  }

  @Test
  void estimatesFromAPoolWhatSubsetsWouldGive() {
    double[] rewards = {1, 3, 2};
    double[] values = {10, -7, 4};
    // one: the mean; two: subsets {0,1} -> -7, {0,2} -> 4, {1,2} -> -7; three: -7
    assertEquals(7 / 3.0, new BestOfN(1).estimate(rewards, values), EXACT);
    assertEquals(-10 / 3.0, new BestOfN(2).estimate(rewards, values), EXACT);
    assertEquals(-7, new BestOfN(3).estimate(rewards, values), EXACT);
    // of equal rewards each is first equally often: 2/3 of the subsets hold answer 1
    assertEquals(
        (5 + 5 + 3) / 3.0,
        new BestOfN(2).estimate(new double[] {1, 2, 1}, new double[] {2, 5, 4}),
        EXACT);
  }

  @Test
  void withOutcomesZeroAndOneTheEstimateIsPassAtN() {
    double[] outcomes = {0, 1, 0, 0, 1, 0};
    // 1 - C(4, 2) / C(6, 2) = 1 - 6 / 15
    assertEquals(0.6, new BestOfN(2).estimate(outcomes, outcomes), EXACT);
    assertEquals(1, new BestOfN(5).estimate(outcomes, outcomes), EXACT);
  }

  @Property(tries = 20)
  void theEstimateIsUnbiased(@ForAll @IntRange(min = 1, max = 3) int n) {
    double[] base = {0.5, 0.2, 0.3};
    double[] rewards = {1, 1, 2};
    double[] values = {-1, 3, 0.5};
    double expected = BestOfN.expectedReward(new BestOfN(n).distribution(base, rewards), values);
    double mean = 0;
    for (int code = 0; code < 81; code++) { // every pool of four draws
      double probability = 1;
      double[] poolRewards = new double[4];
      double[] poolValues = new double[4];
      for (int i = 0, rest = code; i < 4; i++, rest /= 3) {
        poolRewards[i] = rewards[rest % 3];
        poolValues[i] = values[rest % 3];
        probability *= base[rest % 3];
      }
      mean += probability * new BestOfN(n).estimate(poolRewards, poolValues);
    }
    assertEquals(expected, mean, EXACT);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused("n is 0, expected at least 1", () -> new BestOfN(0));
    BestOfN two = new BestOfN(2);
    assertRefused(
        "base sums to 0.75, expected 1",
        () -> two.distribution(new double[] {0.25, 0.5}, new double[2]));
    assertRefused(
        "base[1] is -1.0, expected a number in [0.0, 1.000001]",
        () -> two.distribution(new double[] {1, -1}, new double[2]));
    assertRefused(
        "base is empty, expected at least 1 answer",
        () -> two.distribution(new double[0], new double[0]));
    assertRefused(
        "rewards has length 1, expected 2 like base",
        () -> two.distribution(new double[] {0.5, 0.5}, new double[1]));
    assertRefused(
        "rewards at index 0 is NaN, expected a finite number",
        () -> two.distribution(new double[] {1}, new double[] {Double.NaN}));
    assertRefused(
        "rewards is empty, expected at least 1 answer", () -> BestOfN.best(new double[0]));
    assertRefused(
        "rewards at index 0 is NaN, expected a finite number",
        () -> BestOfN.best(new double[] {Double.NaN}));
    assertRefused(
        "base[0] is 0.0, expected a number above 0 like policy[0]",
        () -> BestOfN.divergence(new double[] {1, 0}, new double[] {0, 1}));
    assertRefused(
        "base has length 1, expected 2 like policy",
        () -> BestOfN.divergence(new double[] {1, 0}, new double[] {1}));
    assertRefused(
        "policy sums to 2.0, expected 1",
        () -> BestOfN.divergence(new double[] {1, 1}, new double[] {1, 0}));
    assertRefused(
        "base sums to 2.0, expected 1",
        () -> BestOfN.divergence(new double[] {1, 0}, new double[] {1, 1}));
    assertRefused(
        "rewards has length 1, expected 2 like probabilities",
        () -> BestOfN.expectedReward(new double[] {1, 0}, new double[1]));
    assertRefused(
        "probabilities sums to 0.5, expected 1",
        () -> BestOfN.expectedReward(new double[] {0.5}, new double[1]));
    assertRefused(
        "rewards at index 0 is Infinity, expected a finite number",
        () -> BestOfN.expectedReward(new double[] {1}, new double[] {Double.POSITIVE_INFINITY}));
    assertRefused(
        "rewards has length 1, expected at least n = 2",
        () -> two.estimate(new double[1], new double[1]));
    assertRefused(
        "values has length 2, expected 3 like rewards",
        () -> two.estimate(new double[3], new double[2]));
    assertRefused(
        "values at index 1 is NaN, expected a finite number",
        () -> two.estimate(new double[2], new double[] {0, Double.NaN}));
    assertRefused(
        "rewards at index 1 is NaN, expected a finite number",
        () -> two.estimate(new double[] {0, Double.NaN}, new double[2]));
  }
}

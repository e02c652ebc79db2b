package dev.troupe.algorithms.reinforce;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.algorithms.advantage.Deviation;
import dev.troupe.algorithms.advantage.Whitening;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ReinforcePlusPlusTest {
  private static final double EXACT = 1e-12;
  private static final double ROUNDING = 1e-6;
  private static final Whitening PLAIN = new Whitening(Deviation.POPULATION, 0);

  @Test
  void whitensTheDiscountedRewardToGoOverTheBatch() {
    var estimator = new ReinforcePlusPlus(0.5, PLAIN);
    double[][] rewards = {{1, 2, 4}, {}, {-3}};
    // 4; 2 + 0.5 * 4 = 4; 1 + 0.5 * 4 = 3; and -3
    assertArrayEquals(new double[][] {{3, 4, 4}, {}, {-3}}, estimator.returns(rewards));
    // mean 2, squares 1 + 4 + 4 + 25 = 34
    double deviation = Math.sqrt(34 / 4.0);
    double[][] advantages = estimator.advantages(rewards);
    assertArrayEquals(
        new double[] {1 / deviation, 2 / deviation, 2 / deviation}, advantages[0], EXACT);
    assertArrayEquals(new double[0], advantages[1]);
    assertArrayEquals(new double[] {-5 / deviation}, advantages[2], EXACT);
  }

  @Test
  void theStandardHasNoDiscountAndThePopulationVariance() {
    assertEquals(
        new ReinforcePlusPlus(1, new Whitening(Deviation.POPULATION, 1e-8)),
        ReinforcePlusPlus.standard());
  }

  @Test
  void theBaselineIsTheMeanOfTheGroupAndLongResponsesWeighMore() {
    var estimator = new ReinforcePlusPlus(1, PLAIN);
    // groups 7: 1 and 3, centred -1 and 1; group 2: alone, keeps its 5
    double[][] advantages =
        estimator.baseline(
            new double[] {1, 5, 3, 9}, new int[] {7, 2, 7, 9}, new int[] {2, 1, 1, 0});
    // tokens -1, -1, 5, 1: mean 1, squares 4 + 4 + 16 + 0 = 24
    double deviation = Math.sqrt(6);
    assertArrayEquals(new double[] {-2 / deviation, -2 / deviation}, advantages[0], EXACT);
    assertArrayEquals(new double[] {4 / deviation}, advantages[1], EXACT);
    assertArrayEquals(new double[] {0}, advantages[2], EXACT);
    assertEquals(0, advantages[3].length);
  }

  @Property(tries = 100)
  void addingAConstantToAGroupChangesNothing(
      @ForAll @Size(6) double[] raw, @ForAll @DoubleRange(min = -5, max = 5) double constant) {
    double[] rewards = Arrays.stream(raw).map(Math::sin).toArray();
    double[] shifted = rewards.clone();
    for (int b = 0; b < 3; b++) {
      shifted[b] += constant;
    }
    int[] groups = {0, 0, 0, 1, 1, 1};
    int[] lengths = {3, 1, 2, 4, 1, 1};
    double[][] expected = ReinforcePlusPlus.standard().baseline(rewards, groups, lengths);
    double[][] actual = ReinforcePlusPlus.standard().baseline(shifted, groups, lengths);
    for (int b = 0; b < 6; b++) {
      assertArrayEquals(expected[b], actual[b], ROUNDING);
    }
  }

  @Test
  void constantGroupsHaveNoAdvantage() {
    double[][] advantages =
        ReinforcePlusPlus.standard()
            .baseline(
                new double[] {0.1, 0.1, 0.7, 0.7}, new int[] {0, 0, 1, 1}, new int[] {1, 2, 1, 2});
    for (double[] row : advantages) {
      assertArrayEquals(new double[row.length], row);
    }
  }

  @Test
  void refusesBadInput() {
    var estimator = ReinforcePlusPlus.standard();
    assertRefused(
        "gamma is 1.5, expected a number in [0.0, 1.0]", () -> new ReinforcePlusPlus(1.5, PLAIN));
    assertRefused(
        "reward at index 0 is NaN, expected a finite number",
        () -> estimator.advantages(new double[][] {{Double.NaN}}));
    assertRefused(
        "groups has length 1, expected 2 like rewards",
        () -> estimator.baseline(new double[2], new int[1], new int[2]));
    assertRefused(
        "lengths has length 3, expected 2 like rewards",
        () -> estimator.baseline(new double[2], new int[2], new int[3]));
    assertRefused(
        "lengths[1] is -1, expected 0 or more tokens",
        () -> estimator.baseline(new double[2], new int[2], new int[] {0, -1}));
    assertRefused(
        "rewards at index 0 is Infinity, expected a finite number",
        () ->
            estimator.baseline(new double[] {Double.POSITIVE_INFINITY}, new int[1], new int[] {1}));
  }
}

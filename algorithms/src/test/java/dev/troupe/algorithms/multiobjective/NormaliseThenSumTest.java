package dev.troupe.algorithms.multiobjective;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.algorithms.advantage.Deviation;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class NormaliseThenSumTest {
  private static final double EXACT = 1e-12;
  private static final NormaliseThenSum EVEN =
      new NormaliseThenSum(new double[] {0.5, 0.5}, Deviation.POPULATION, 0);

  @Test
  void aSmallSpreadCountsLikeALargeOne() {
    // Both objectives become -1 and 1, against each other.
    double[][] opposed = {{0, 0.001}, {100, 0}};
    assertArrayEquals(new double[] {0, 0}, EVEN.sums(opposed), EXACT);
    double[][] agreed = {{0, 0}, {100, 0.001}};
    assertArrayEquals(new double[] {-1, 1}, EVEN.sums(agreed), EXACT);
  }

  @Test
  void normalisesTheSumsOverTheWholeBatch() {
    double[][][] groups = {{{0, 0}, {100, 0.001}}, {{1, 0}, {0, 1}, {0.5, 0.5}}};
    // sums (-1, 1) and (0, 0, 0): variance 2/5
    double unit = Math.sqrt(2.5);
    double[][] advantages = EVEN.advantages(groups);
    assertArrayEquals(new double[] {-unit, unit}, advantages[0], EXACT);
    assertArrayEquals(new double[3], advantages[1], EXACT);
  }

  @Test
  void equalScoresHaveNoAdvantage() {
    double[][][] groups = {{{0.1, 0.7}, {0.1, 0.7}}, {{3, 3}, {3, 3}}};
    for (double[] advantage : EVEN.advantages(groups)) {
      assertArrayEquals(new double[2], advantage, 0);
    }
  }

  @Test
  void aBatchOfOneResponseStaysFinite() {
    // A group of one has its score as its advantage, as everywhere else.
    assertEquals(0.5 * 0.2 + 0.5 * 0.6, EVEN.advantages(new double[][][] {{{0.2, 0.6}}})[0][0]);
  }

  @Property
  void addingAConstantToAnObjectiveOfAGroupChangesNothing(
      @ForAll @DoubleRange(min = -5, max = 5) double constant) {
    double[][] scores = {{0.9, 0.2}, {0.4, 0.8}, {0.1, 0.3}, {0.6, 0.6}};
    double[][] shifted =
        Arrays.stream(scores)
            .map(row -> new double[] {row[0] + constant, row[1]})
            .toArray(double[][]::new);
    NormaliseThenSum order =
        new NormaliseThenSum(new double[] {0.3, 0.7}, Deviation.SAMPLE, NormaliseThenSum.EPSILON);
    double[] here = order.advantages(new double[][][] {scores})[0];
    double[] there = order.advantages(new double[][][] {shifted})[0];
    assertArrayEquals(here, there, 1e-9);
    assertTrue(Arrays.stream(there).allMatch(Double::isFinite));
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "weights [0.5] sum to 0.5, expected 1",
        () -> new NormaliseThenSum(new double[] {0.5}, Deviation.SAMPLE, 0));
    assertRefused(
        "deviation is missing, expected SAMPLE or POPULATION",
        () -> new NormaliseThenSum(new double[] {1}, null, 0));
    assertRefused(
        "epsilon is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
        () -> new NormaliseThenSum(new double[] {1}, Deviation.SAMPLE, -1));
    assertRefused(
        "scores[1] has length 1, expected 2 like weights",
        () -> EVEN.sums(new double[][] {{1, 2}, {1}}));
    assertRefused("rewards is empty, expected at least 1 reward", () -> EVEN.sums(new double[0][]));
    EVEN.weights()[0] = 7;
    assertEquals(0.5, EVEN.weights()[0]);
  }
}

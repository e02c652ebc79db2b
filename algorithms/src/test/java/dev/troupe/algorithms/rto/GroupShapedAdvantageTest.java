package dev.troupe.algorithms.rto;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.algorithms.advantage.Deviation;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GroupShapedAdvantageTest {
  private static final double EXACT = 1e-12;

  @Test
  void addsTheCentredShapingToGoToTheOutcomeAdvantage() {
    var estimator = new GroupShapedAdvantage(GroupAdvantage.centred(), 0.5);
    double[][] advantage = estimator.of(new double[] {1, 0}, new float[][] {{1, 2, 4}, {3}});
    // outcome 0.5, -0.5;  to go: row 0: 1 + 0.5*(2 + 0.5*4) = 3, 4, 4; row 1: 3, 0, 0
    // means: 3, 2, 2 - the ended row enters with 0
    assertArrayEquals(new double[] {0.5, 2.5, 2.5}, advantage[0], EXACT);
    assertArrayEquals(new double[] {-0.5}, advantage[1], EXACT);
  }

  @Property
  void withoutShapingItIsTheGroupAdvantageBitForBit(
      @ForAll("outcomes") GroupAdvantage outcome,
      @ForAll @IntRange(min = 1, max = 12) int size,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] rewards = random.doubles(size, -1, 1).toArray();
    if (random.nextBoolean()) {
      Arrays.fill(rewards, -0.0);
    }
    TokenReward off = new TokenReward(0, 0, 1, 0.05, 10, Granularity.TOKEN);
    float[][] shaping = new float[size][];
    for (int i = 0; i < size; i++) {
      float[] policy = new float[random.nextInt(5)];
      shaping[i] = off.shaping(new TokenLogps(policy, null, null, null), null);
    }
    double[] expected = outcome.of(rewards);
    double[][] actual = new GroupShapedAdvantage(outcome, 0.9).of(rewards, shaping);
    for (int i = 0; i < size; i++) {
      assertEquals(shaping[i].length, actual[i].length);
      for (double advantage : actual[i]) {
        assertEquals(
            Double.doubleToRawLongBits(expected[i]), Double.doubleToRawLongBits(advantage));
      }
    }
  }

  @Provide
  Arbitrary<GroupAdvantage> outcomes() {
    return Arbitraries.of(
        GroupAdvantage.normalised(),
        GroupAdvantage.normalised(Deviation.POPULATION, 1e-4),
        GroupAdvantage.centred(),
        GroupAdvantage.leaveOneOut());
  }

  @Test
  void shapingKeepsItsScaleInAGroupOfEqualOutcomes() {
    var estimator = new GroupShapedAdvantage(GroupAdvantage.normalised(), 1);
    double[][] advantage = estimator.of(new double[] {1, 1}, new float[][] {{0.01f}, {-0.01f}});
    assertEquals(0.01, advantage[0][0], 1e-9);
    assertEquals(-0.01, advantage[1][0], 1e-9);
  }

  @Property
  void atEveryPositionTheShapingOfAFullGroupSumsToZero(
      @ForAll @IntRange(min = 2, max = 8) int size, @ForAll long seed) {
    Random random = new Random(seed);
    float[][] shaping = new float[size][6];
    for (float[] row : shaping) {
      for (int t = 0; t < row.length; t++) {
        row[t] = random.nextFloat() - 0.5f;
      }
    }
    double[][] advantage =
        new GroupShapedAdvantage(GroupAdvantage.centred(), 0.99).of(new double[size], shaping);
    for (int t = 0; t < 6; t++) {
      double sum = 0;
      for (double[] row : advantage) {
        sum += row[t];
      }
      assertEquals(0, sum, EXACT);
    }
  }

  @Test
  void theBaselineHoldsExpectedGradientsFixed() {
    // One step, two actions with probabilities p and 1 - p, shaping s(a); G = 2 independent draws.
    // The exact expectation of grad log pi(a) * A must be (G - 1)/G times that of grad log pi(a) *
    // s(a).
    double p = 0.3;
    double[] probability = {p, 1 - p};
    double[] score = {1 - p, -p};
    float[] shaping = {0.7f, -0.2f};
    var estimator = new GroupShapedAdvantage(GroupAdvantage.centred(), 1);
    double withBaseline = 0;
    double without = 0;
    for (int a = 0; a < 2; a++) {
      for (int b = 0; b < 2; b++) {
        double[][] advantage =
            estimator.of(new double[2], new float[][] {{shaping[a]}, {shaping[b]}});
        withBaseline += probability[a] * probability[b] * score[a] * advantage[0][0];
      }
      without += probability[a] * score[a] * shaping[a];
    }
    assertEquals(without / 2, withBaseline, EXACT);
  }

  @Test
  void aGroupOfOneHasTheRewardAsAdvantage() {
    var estimator = new GroupShapedAdvantage(GroupAdvantage.normalised(), 1);
    assertArrayEquals(
        new double[] {0.7, 0.7}, estimator.of(new double[] {0.7}, new float[][] {{1, 2}})[0]);
  }

  @Test
  void refusesWhatDoesNotFit() {
    var estimator = new GroupShapedAdvantage(GroupAdvantage.normalised(), 1);
    assertRefused(
        "shaping has length 1, expected 2 like rewards",
        () -> estimator.of(new double[2], new float[1][1]));
    assertRefused(
        "shaping[1] at index 0 is NaN, expected a finite number",
        () -> estimator.of(new double[2], new float[][] {{0}, {Float.NaN}}));
    assertRefused(
        "rewards is empty, expected at least 1 reward",
        () -> estimator.of(new double[0], new float[0][]));
    assertRefused(
        "gamma is 2.0, expected a number in [0.0, 1.0]",
        () -> new GroupShapedAdvantage(GroupAdvantage.centred(), 2));
  }
}

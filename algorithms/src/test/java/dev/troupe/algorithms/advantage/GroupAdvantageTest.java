package dev.troupe.algorithms.advantage;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GroupAdvantageTest {
  private static final double EXACT = 1e-12;
  private static final double ROUNDING = 1e-6;

  @Test
  void theDeviationOfTwoIsTheDocumentedChoice() {
    double[] rewards = {1, 0};
    // sample deviation sqrt(0.5), population deviation 0.5
    assertArrayEquals(
        new double[] {Math.sqrt(0.5), -Math.sqrt(0.5)},
        GroupAdvantage.normalised(Deviation.SAMPLE, 0).of(rewards),
        EXACT);
    assertArrayEquals(
        new double[] {1, -1},
        GroupAdvantage.normalised(Deviation.POPULATION, 0).of(rewards),
        EXACT);
  }

  @Test
  void epsilonIsAddedToTheDeviation() {
    // population deviation 1; 1 / (1 + 0.25)
    assertArrayEquals(
        new double[] {0.8, -0.8},
        GroupAdvantage.normalised(Deviation.POPULATION, 0.25).of(new double[] {3, 1}),
        EXACT);
  }

  @Test
  void leaveOneOutComparesWithTheMeanOfTheOthers() {
    // 4 - (1 + 1)/2, 1 - (4 + 1)/2
    assertArrayEquals(
        new double[] {3, -1.5, -1.5},
        GroupAdvantage.leaveOneOut().of(new double[] {4, 1, 1}),
        EXACT);
    assertArrayEquals(
        new double[] {2, -1, -1}, GroupAdvantage.centred().of(new double[] {4, 1, 1}), EXACT);
  }

  @Test
  void aGroupOfOneHasNoBaseline() {
    assertArrayEquals(new double[] {0.7}, GroupAdvantage.normalised().of(new double[] {0.7}));
    assertArrayEquals(new double[] {0.7}, GroupAdvantage.centred().of(new double[] {0.7}));
    assertArrayEquals(new double[] {0.7}, GroupAdvantage.leaveOneOut().of(new double[] {0.7}));
  }

  @Property
  void equalRewardsGiveExactlyZero(
      @ForAll("estimators") GroupAdvantage estimator,
      @ForAll @DoubleRange(min = -1e6, max = 1e6) double reward,
      @ForAll @IntRange(min = 2, max = 64) int size) {
    double[] rewards = new double[size];
    Arrays.fill(rewards, reward);
    assertTrue(GroupAdvantage.isConstant(rewards));
    assertArrayEquals(new double[size], estimator.of(rewards), 0);
  }

  @Property
  void addingAConstantToAllRewardsChangesNothing(
      @ForAll("estimators") GroupAdvantage estimator,
      @ForAll("groups") double[] rewards,
      @ForAll @DoubleRange(min = -5, max = 5) double constant) {
    double[] shifted = Arrays.stream(rewards).map(reward -> reward + constant).toArray();
    assertArrayEquals(estimator.of(rewards), estimator.of(shifted), ROUNDING);
  }

  @Property
  void advantagesSumToZeroAndKeepTheOrder(
      @ForAll("estimators") GroupAdvantage estimator, @ForAll("groups") double[] rewards) {
    double[] advantages = estimator.of(rewards);
    assertEquals(0, Arrays.stream(advantages).sum(), ROUNDING);
    for (int i = 1; i < rewards.length; i++) {
      if (rewards[i] > rewards[0]) {
        assertTrue(advantages[i] >= advantages[0]);
      }
    }
  }

  @Provide
  Arbitrary<GroupAdvantage> estimators() {
    return Arbitraries.of(
        GroupAdvantage.normalised(),
        GroupAdvantage.normalised(Deviation.POPULATION, 1e-4),
        GroupAdvantage.centred(),
        GroupAdvantage.leaveOneOut());
  }

  @Provide
  Arbitrary<double[]> groups() {
    return Arbitraries.doubles()
        .between(-2, 2)
        .ofScale(2)
        .array(double[].class)
        .ofMinSize(2)
        .ofMaxSize(16);
  }

  @Test
  void rewardsThatDifferOnlyByRoundingStaySmall() {
    double[] rewards = {0.1 + 0.2, 0.3};
    assertFalse(GroupAdvantage.isConstant(rewards));
    for (double advantage : GroupAdvantage.normalised().of(rewards)) {
      assertEquals(0, advantage, 1e-9);
    }
  }

  @Test
  void refusesEmptyGroupsAndRewardsThatAreNotFinite() {
    assertRefused(
        "rewards is empty, expected at least 1 reward",
        () -> GroupAdvantage.centred().of(new double[0]));
    assertRefused(
        "rewards at index 1 is NaN, expected a finite number",
        () -> GroupAdvantage.centred().of(new double[] {0, Double.NaN}));
    assertRefused(
        "epsilon is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
        () -> GroupAdvantage.normalised(Deviation.SAMPLE, -1));
  }
}

package dev.troupe.algorithms.ppomax;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.algorithms.ppomax.RewardTransform.Scaling;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RewardTransformTest {
  private static final double EXACT = 1e-12;
  private static final double ROUNDING = 1e-9;

  @Test
  void countsTheBatchBeforeItChangesIt() {
    RunningMoments before = RunningMoments.none();
    var result = RewardTransform.paper(1).of(new double[] {1, 2, 6}, before);
    // mean 3, sample variance (4 + 1 + 9) / 2 = 7
    assertEquals(3, result.moments().mean(), EXACT);
    assertEquals(Math.sqrt(7), result.moments().deviation(), EXACT);
    assertArrayEquals(
        new double[] {-2 / Math.sqrt(7), -1 / Math.sqrt(7), 1}, result.rewards(), EXACT);
    var scaled = new RewardTransform(Scaling.SCALE, 0, 0, 0).of(new double[] {1, 2, 6}, before);
    assertArrayEquals(
        new double[] {1 / Math.sqrt(7), 2 / Math.sqrt(7), 6 / Math.sqrt(7)},
        scaled.rewards(),
        EXACT);
    assertEquals(RunningMoments.INITIAL_COUNT, before.count());
  }

  @Test
  void withoutATransformRewardsStayBitForBit() {
    double[] rewards = {0.1, -1e100, -0.0};
    assertArrayEquals(
        rewards, RewardTransform.none().of(rewards, RunningMoments.none()).rewards(), 0);
  }

  @Test
  void boundsRewardsMoreTightlyUntilEnoughAreCounted() {
    var transform = new RewardTransform(Scaling.NONE, 5, 2, 4);
    double[] rewards = {9, -9};
    var first = transform.of(rewards, RunningMoments.none());
    assertArrayEquals(new double[] {2, -2}, first.rewards());
    var second = transform.of(rewards, first.moments());
    assertArrayEquals(new double[] {2, -2}, second.rewards());
    var third = transform.of(rewards, second.moments());
    assertArrayEquals(new double[] {5, -5}, third.rewards());
  }

  @Test
  void theShippedScriptsScaleAndTrustTheirDeviationAfterAHundredRewards() {
    RewardTransform scripts = RewardTransform.scripts();
    // Rewards far from 0 that hardly differ: 1000.5 / 0.5 is about 2000 deviations.
    double[] many = new double[100];
    Arrays.setAll(many, i -> 1000 + i % 2);
    var early = scripts.of(many, RunningMoments.none());
    assertTrue(Arrays.stream(early.rewards()).allMatch(reward -> reward == 10));
    assertEquals(2000, scripts.of(many, early.moments()).rewards()[0], 10);
    assertEquals(0, RewardTransform.paper(3).earlyClip());
  }

  @Property
  void momentsDoNotDependOnHowRewardsAreCutIntoBatches(
      @ForAll("rewards") double[] rewards, @ForAll @IntRange(min = 0, max = 12) int cut) {
    int at = Math.min(cut, rewards.length);
    RunningMoments whole = RunningMoments.none().including(rewards);
    RunningMoments parts =
        RunningMoments.none()
            .including(Arrays.copyOfRange(rewards, 0, at))
            .including(Arrays.copyOfRange(rewards, at, rewards.length));
    assertEquals(whole.count(), parts.count(), ROUNDING);
    assertEquals(whole.mean(), parts.mean(), ROUNDING);
    assertEquals(whole.variance(), parts.variance(), ROUNDING);
  }

  @Property
  void aConstantOnAllRewardsIsNormalisedAway(
      @ForAll("rewards") double[] rewards,
      @ForAll @DoubleRange(min = -5, max = 5) double constant) {
    double[] shifted = Arrays.stream(rewards).map(reward -> reward + constant).toArray();
    RewardTransform transform = RewardTransform.paper(3);
    // Rewards that are equal have no deviation, and rounding must not give them one.
    boolean isSpread = RunningMoments.none().including(rewards).variance() > 1e-6;
    double[] here = transform.of(rewards, RunningMoments.none()).rewards();
    double[] there = transform.of(shifted, RunningMoments.none()).rewards();
    assertTrue(Arrays.stream(there).allMatch(r -> Double.isFinite(r) && Math.abs(r) <= 3));
    if (isSpread) {
      assertArrayEquals(here, there, 1e-6);
    }
  }

  @Provide
  Arbitrary<double[]> rewards() {
    return Arbitraries.doubles()
        .between(-3, 3)
        .ofScale(3)
        .array(double[].class)
        .ofMinSize(1)
        .ofMaxSize(12);
  }

  @Test
  void aSingleRewardAndEqualRewardsHaveNoDeviation() {
    RunningMoments none = RunningMoments.none();
    assertEquals(1, none.deviation());
    assertEquals(1, none.including(new double[] {7}).deviation());
    RunningMoments equal = none.including(new double[] {0.1, 0.1, 0.1});
    assertEquals(1, equal.deviation());
    assertEquals(1, equal.including(new double[] {0.1, 0.1}).deviation());
    assertNotEquals(1, none.including(new double[] {1, 1 + 1e-9}).deviation());
    assertSame(none, none.including(new double[0]));
  }

  @Test
  void restoredMomentsGoOnWhereTheyWere() {
    RunningMoments saved = RunningMoments.none().including(new double[] {1, 4, 2});
    RunningMoments restored = new RunningMoments(saved.count(), saved.mean(), saved.variance());
    assertEquals(saved.including(new double[] {9}), restored.including(new double[] {9}));
  }

  @Test
  void refusesBadNumbers() {
    assertRefused(
        "rewards at index 1 is NaN, expected a finite number",
        () -> RunningMoments.none().including(new double[] {0, Double.NaN}));
    assertRefused(
        "count is 0.0, expected a number in [4.9E-324, 1.7976931348623157E308]",
        () -> new RunningMoments(0, 0, 1));
    assertRefused(
        "mean is NaN, expected a number in [-1.7976931348623157E308, 1.7976931348623157E308]",
        () -> new RunningMoments(1, Double.NaN, 1));
    assertRefused(
        "variance is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
        () -> new RunningMoments(1, 0, -1));
    assertRefused(
        "scaling is missing, expected NONE, SCALE or NORMALISE",
        () -> new RewardTransform(null, 0, 0, 0));
    for (int wrong = 0; wrong < 3; wrong++) {
      double[] parts = {0, 0, 0};
      parts[wrong] = -1;
      String name = new String[] {"clip", "earlyClip", "earlyCount"}[wrong];
      assertRefused(
          name + " is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
          () -> new RewardTransform(Scaling.NONE, parts[0], parts[1], parts[2]));
    }
  }
}

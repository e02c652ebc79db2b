package dev.troupe.algorithms.calibration;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class CalibratedRewardTest {
  private static final double EXACT = 1e-12;

  @Test
  void movesTheAverageFirstAndComparesWithTheNewOne() {
    var rule = new CalibratedReward(CalibrationRule.DIFFERENCE, 2, 0.5, 10);
    var batch = rule.of(0, new double[] {4, 0}, new double[] {1, 0.25});
    // average 0.5 * 2 + 0.5 * 0 = 1; 4 + 2 * 3 * 0.5 and 0 + 2 * (-1) * (-0.25)
    assertEquals(1, batch.average(), EXACT);
    assertArrayEquals(new double[] {7, 0.5}, batch.rewards(), EXACT);
    // the second batch goes on from there: 0.5 * 3 + 0.5 * 1 = 2; 3 + 2 * 1 * (-0.5)
    var next = rule.of(batch.average(), new double[] {3}, new double[] {0});
    assertEquals(2, next.average(), EXACT);
    assertArrayEquals(new double[] {2}, next.rewards(), EXACT);
  }

  @Test
  void theThresholdRuleTurnsTheSignAtTheAverage() {
    var rule = new CalibratedReward(CalibrationRule.THRESHOLD, 0.5, 0, 10);
    double[] rewards = {2, -2, 1, 0.999};
    double[] confidence = {1, 1, 0, 0};
    // 2 + 0.5 * 2 * 0.5; -2 - 0.5 * 2 * 0.5; at the average 1 - 0.25; below it 0.999 + 0.24975
    assertArrayEquals(
        new double[] {2.5, -2.5, 0.75, 1.24875}, rule.of(1, rewards, confidence).rewards(), EXACT);
  }

  @Test
  void clipsBeforeTheAverageAndAfterTheChange() {
    var rule = new CalibratedReward(CalibrationRule.DIFFERENCE, 2, 0.5, 3);
    var batch = rule.of(1, new double[] {100, -100}, new double[] {1, 1});
    // clipped 3 and -3: average 0.5 * 0 + 0.5 * 1; 3 + 2.5 and -3 - 3.5
    assertEquals(0.5, batch.average(), EXACT);
    assertArrayEquals(new double[] {5.5, -6.5}, batch.unclipped(), EXACT);
    assertArrayEquals(new double[] {3, -3}, batch.rewards(), EXACT);
  }

  @Property(tries = 100)
  void withoutWeightOrWithAnUndecidedConfidenceItIsTheIdentity(
      @ForAll @DoubleRange(min = -10, max = 10) double reward,
      @ForAll @DoubleRange(min = 0, max = 1) double confidence,
      @ForAll @DoubleRange(min = -20, max = 20) double average) {
    for (CalibrationRule rule : CalibrationRule.values()) {
      var without = new CalibratedReward(rule, 0, 0.1, 10);
      var with = new CalibratedReward(rule, 2, 0.1, 10);
      double[] one = {reward};
      assertArrayEquals(one, without.of(average, one, new double[] {confidence}).rewards());
      assertArrayEquals(one, with.of(average, one, new double[] {0.5}).rewards());
    }
  }

  @Property(tries = 100)
  void confidencePaysExactlyAboveTheAverage(
      @ForAll @DoubleRange(min = -3, max = 3) double reward,
      @ForAll @DoubleRange(min = -3, max = 3) double average) {
    for (CalibrationRule rule : CalibrationRule.values()) {
      var calibrated = new CalibratedReward(rule, 0.5, 0, 10);
      double[] both =
          calibrated.of(average, new double[] {reward, reward}, new double[] {1, 0}).rewards();
      assertTrue(reward >= average ? both[0] >= both[1] : both[0] <= both[1]);
    }
  }

  @Test
  void statingNoConfidenceAtAllIsASafeHarbourAtWeightTwo() {
    var batch = CalibratedReward.published().of(0.7, new double[] {-9, 9}, new double[] {0, 0});
    // average 0.1 * 0 + 0.9 * 0.7
    assertArrayEquals(new double[] {0.63, 0.63}, batch.rewards(), EXACT);
  }

  @Test
  void anEmptyBatchLeavesTheAverageAlone() {
    var batch = CalibratedReward.published().of(0.7, new double[0], new double[0]);
    assertEquals(0.7, batch.average());
    assertEquals(0, batch.rewards().length);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "calibrated reward: rule is missing, expected one of [DIFFERENCE, THRESHOLD]; weight is"
            + " -1.0, expected 0 or more; averageRate is 1.5, expected a number in [0, 1]; clip is"
            + " 0.0, expected a number above 0",
        () -> new CalibratedReward(null, -1, 1.5, 0));
    CalibratedReward reward = CalibratedReward.published();
    assertRefused(
        "confidence has length 1, expected 2 like rewards",
        () -> reward.of(0, new double[2], new double[1]));
    assertRefused(
        "confidence[1] is 8.0, expected a number in [0.0, 1.0]",
        () -> reward.of(0, new double[2], new double[] {0.5, 8}));
    assertRefused(
        "rewards at index 0 is NaN, expected a finite number",
        () -> reward.of(0, new double[] {Double.NaN}, new double[1]));
    assertRefused(
        "average is NaN, expected a number in [-1.7976931348623157E308, 1.7976931348623157E308]",
        () -> reward.of(Double.NaN, new double[1], new double[1]));
  }
}

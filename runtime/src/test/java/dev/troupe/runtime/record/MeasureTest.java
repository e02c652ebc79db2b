package dev.troupe.runtime.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.runtime.statistics.Interval;
import dev.troupe.runtime.statistics.Proportion;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MeasureTest {
  private static final long SEED = 7;
  private static final double FOUR_DECIMALS = 0.5e-4;

  /** Eight prompts of the one kind and eight of the other. */
  private static double[] halves(double low, double high) {
    double[] scores = new double[16];
    Arrays.fill(scores, 0, 8, low);
    Arrays.fill(scores, 8, 16, high);
    return scores;
  }

  @Test
  void isWilsonsIntervalWherePromptsAreRightOrWrong() {
    // z² = 3.8415: 0.5 ± 1.95996 √(0.25/16 + 3.8415/1024) / (1 + 3.8415/16) = 0.5 ± 0.2200.
    Measure measure = Measure.accuracy(halves(0, 1), SEED);
    assertEquals(Measure.accuracy(new Proportion(8, 16)), measure);
    assertEquals(0.2800, measure.interval95().low(), FOUR_DECIMALS);
    assertEquals(0.7200, measure.interval95().high(), FOUR_DECIMALS);
    assertEquals(16, measure.prompts());
  }

  @Test
  void keepsAWidthWhereNoPromptIsEverRight() {
    // Newcombe 1998, table I: 0 of 20 gives 0 to 0.1611.
    Measure measure = Measure.accuracy(new double[20], SEED);
    assertEquals(0, measure.interval95().low());
    assertEquals(0.1611, measure.interval95().high(), FOUR_DECIMALS);
  }

  @Test
  void isBootstrappedOverPromptsThatArePartlyRight() {
    // Resampled means are 0.25 + 0.5 X / 16 with X binomial (16, 1/2), whose 2.5% and 97.5%
    // quantiles are 4 and 12: P(X <= 3) = 0.011, P(X <= 4) = 0.038.
    Measure measure = Measure.accuracy(halves(0.25, 0.75), SEED);
    assertEquals(new Measure(Quantity.ACCURACY, 0.5, new Interval(0.375, 0.625), 16), measure);
  }

  @Test
  void aMeanRewardIsBootstrappedInItsOwnUnit() {
    // As above: -1 + 4 X / 16 at X = 4 and 12.
    Measure measure = Measure.meanReward(halves(-1, 3), SEED);
    assertEquals(new Measure(Quantity.MEAN_REWARD, 1, new Interval(0, 2), 16), measure);
    assertEquals("1.00", measure.valueText());
    assertEquals("0 to 2.00", measure.intervalText());
  }

  @Test
  void refusesWhatIsNoShareAndNoPrompts() {
    assertThrows(IllegalArgumentException.class, () -> Measure.accuracy(new double[] {1.5}, SEED));
    assertThrows(
        IllegalArgumentException.class, () -> Measure.accuracy(new double[] {Double.NaN}, SEED));
    assertThrows(IllegalArgumentException.class, () -> Measure.accuracy(new double[0], SEED));
    assertThrows(IllegalArgumentException.class, () -> Measure.meanReward(new double[0], SEED));
  }

  @Test
  void quantitiesSpeakInPercentOrInTheRewardsUnit() {
    assertEquals("+62.8 points", Quantity.ACCURACY.change(0.628));
    assertEquals("74.8%", Quantity.ACCURACY.text(0.748));
    assertEquals("+0.540", Quantity.MEAN_REWARD.change(0.54));
    assertEquals("mean-reward", Quantity.MEAN_REWARD.key());
  }
}

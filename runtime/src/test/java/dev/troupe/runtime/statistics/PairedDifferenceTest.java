package dev.troupe.runtime.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PairedDifferenceTest {
  private static final long SEED = 20260923;
  private static final double EXACT = 1e-12;

  @Test
  void agreesWithTheTextbookIntervalForMatchedPairs() {
    // Agresti, Categorical Data Analysis, table 10.1: 1600 people asked twice for approval,
    // 794 yes/yes, 150 yes/no, 86 no/yes, 570 no/no. Difference (86 - 150) / 1600 = -0.04,
    // standard error sqrt(86 + 150 - 64^2/1600) / 1600 = 0.00955, interval -0.0587 to -0.0213.
    double[] before = new double[1600];
    double[] after = new double[1600];
    Arrays.fill(before, 0, 794 + 150, 1);
    Arrays.fill(after, 0, 794, 1);
    Arrays.fill(after, 794 + 150, 794 + 150 + 86, 1);
    PairedDifference difference = PairedDifference.of(before, after, SEED);
    assertEquals(-0.04, difference.mean(), EXACT);
    // The resampled means lie on a grid of 1/1600 = 0.0006, and 10,000 resamples are not all.
    double simulation = 0.001;
    assertEquals(-0.0587, difference.interval95().low(), simulation);
    assertEquals(-0.0213, difference.interval95().high(), simulation);
    assertEquals(1600, difference.pairs());
  }

  @Test
  void reachesBothExtremesOfTwoPairs() {
    // Differences 0 and 1: the resampled mean is 0, 1/2 or 1 with probability 1/4, 1/2, 1/4, so
    // the 2.5% and 97.5% quantiles are 0 and 1.
    PairedDifference difference =
        PairedDifference.of(new double[] {1, 0}, new double[] {1, 1}, SEED);
    assertEquals(0.5, difference.mean(), EXACT);
    assertEquals(new Interval(0, 1), difference.interval95());
  }

  @Test
  void givesTheSameIntervalForTheSameSeed() {
    double[] before = {0.1, 0.9, 0.3, 0.2, 0.7};
    double[] after = {0.4, 0.8, 0.9, 0.1, 0.6};
    assertEquals(
        PairedDifference.of(before, after, SEED), PairedDifference.of(before, after, SEED));
  }

  @Test
  void isAPointWhenEveryPairChangedAlike() {
    PairedDifference difference =
        PairedDifference.of(new double[] {0, 0, 0}, new double[] {1, 1, 1}, SEED);
    assertEquals(new Interval(1, 1), difference.interval95());
  }

  @Test
  void refusesUnpairedOrUnusableScores() {
    assertThrows(
        IllegalArgumentException.class,
        () -> PairedDifference.of(new double[] {1}, new double[] {1, 2}, SEED));
    assertThrows(
        IllegalArgumentException.class,
        () -> PairedDifference.of(new double[] {}, new double[] {}, SEED));
    assertThrows(
        IllegalArgumentException.class,
        () -> PairedDifference.of(new double[] {Double.NaN}, new double[] {1}, SEED));
  }
}

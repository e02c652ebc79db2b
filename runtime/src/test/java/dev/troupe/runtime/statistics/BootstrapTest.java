package dev.troupe.runtime.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class BootstrapTest {
  private static final long SEED = 20260923;

  @Test
  void findsTheQuantilesOfTheBinomialDistribution() {
    // The sum of 16 draws from {0, 1} is binomial (16, 1/2): P(X <= 3) = 0.0106 < 2.5% and
    // P(X <= 4) = 0.0384 > 2.5%, so that the quantiles are 4 and, by symmetry, 12 of 16.
    double[] values = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
    assertEquals(new Interval(0.25, 0.75), Bootstrap.meanInterval95(values, SEED));
  }

  @Test
  void givesTheSameIntervalForTheSameSeed() {
    double[] values = {0.1, 0.9, 0.3, 0.2, 0.7};
    assertEquals(Bootstrap.meanInterval95(values, SEED), Bootstrap.meanInterval95(values, SEED));
  }

  @Test
  void isAPointWithoutSpread() {
    assertEquals(new Interval(2, 2), Bootstrap.meanInterval95(new double[] {2}, SEED));
    assertEquals(new Interval(2, 2), Bootstrap.meanInterval95(new double[] {2, 2, 2}, SEED));
  }

  @Test
  void refusesNothingAndWhatIsNotFinite() {
    assertThrows(
        IllegalArgumentException.class, () -> Bootstrap.meanInterval95(new double[0], SEED));
    assertThrows(
        IllegalArgumentException.class,
        () -> Bootstrap.meanInterval95(new double[] {1, Double.NaN}, SEED));
  }
}

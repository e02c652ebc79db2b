package dev.troupe.algorithms.advantage;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WhiteningTest {
  private static final double EXACT = 1e-12;

  @Test
  void countsEveryTokenOnceWhateverItsRow() {
    // mean 3, squares 4 + 1 + 9 = 14 - population variance 14/3, sample variance 7
    double[][] rows = {{1, 2}, {}, {6}};
    assertWhite(Math.sqrt(14.0 / 3), new Whitening(Deviation.POPULATION, 0).of(rows));
    assertWhite(Math.sqrt(7), new Whitening(Deviation.SAMPLE, 0).of(rows));
  }

  private static void assertWhite(double deviation, double[][] white) {
    assertArrayEquals(new double[] {-2 / deviation, -1 / deviation}, white[0], EXACT);
    assertArrayEquals(new double[0], white[1]);
    assertArrayEquals(new double[] {3 / deviation}, white[2], EXACT);
  }

  @ParameterizedTest
  @EnumSource
  void equalAdvantagesBecomeExactlyZero(Deviation deviation) {
    Whitening whitening = new Whitening(deviation, Whitening.EPSILON);
    assertArrayEquals(new double[3], whitening.of(new double[][] {{0.1, 0.1, 0.1}})[0], 0);
    assertArrayEquals(new double[1], whitening.of(new double[][] {{5}})[0], 0);
    assertEquals(0, whitening.of(new double[][] {{}})[0].length);
    assertEquals(0, whitening.of(new double[0][]).length);
  }

  @Test
  void epsilonIsAddedToTheVarianceNotToTheDeviation() {
    // variance 1; 1 / sqrt(1 + 3)
    assertArrayEquals(
        new double[] {-0.5, 0.5},
        new Whitening(Deviation.POPULATION, 3).of(new double[][] {{1, 3}})[0],
        EXACT);
    assertRefused(
        "epsilon is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
        () -> new Whitening(Deviation.SAMPLE, -1));
  }

  @Test
  void oneNumberHasNoSampleVariance() {
    assertEquals(0, Deviation.SAMPLE.variance(0, 1));
  }

  @Test
  void refusesAdvantagesThatAreNotFinite() {
    assertRefused(
        "rows[1] at index 0 is Infinity, expected a finite number",
        () ->
            new Whitening(Deviation.SAMPLE, 0)
                .of(new double[][] {{0}, {Double.POSITIVE_INFINITY}}));
  }
}

package dev.troupe.runtime.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Frequencies of scaled rotary positions against arithmetic by hand. */
class RopeScalingTest {
  private static final double TOLERANCE = 1e-12;

  /** theta = 10000, R = 8: 10000^(-2 j / 8) = 1, 0.1, 0.01, 0.001. */
  private static final double[] PLAIN = {1, 0.1, 0.01, 0.001};

  private static double[] of(RopeScaling scaling) {
    return scaling.frequencies(10_000, 8, 4096);
  }

  @Test
  void plainFrequenciesAreAGeometricSeries() {
    assertArrayEquals(PLAIN, of(RopeScaling.NONE), TOLERANCE);
  }

  @Test
  void linearScalingDividesEveryFrequency() {
    assertArrayEquals(
        new double[] {0.25, 0.025, 0.0025, 0.00025}, of(new RopeScaling.Linear(4)), TOLERANCE);
    assertEquals(1, new RopeScaling.Linear(4).magnitude());
  }

  @Test
  void dynamicScalingLeavesTextsWithinTheContextAlone() {
    assertArrayEquals(PLAIN, of(new RopeScaling.Dynamic(2)), TOLERANCE);
  }

  /**
   * Turns within the original context of 1000 are 1000 f / (2 pi): 159.15, 15.915, 1.5915, 0.15915.
   * Above high = 4 a frequency stays, below low = 1 it is divided by 8; at 1.5915 the share that
   * stays is (1.5915494309 - 1) / (4 - 1) = 0.1971831436, so that 0.01 becomes 0.01 (0.1971831436 +
   * 0.8028168564 / 8) = 0.01 x 0.2975352507.
   */
  @Test
  void llama3StretchesLongWavesAndMixesThoseBetween() {
    assertArrayEquals(
        new double[] {1, 0.1, 0.002975352507, 0.000125},
        of(new RopeScaling.Llama3(8, 1, 4, 1000)),
        TOLERANCE);
  }

  /**
   * The pair that turns n times is 8 ln(1000 / (2 pi n)) / (2 ln 10000): 0.697 for 32 and 2.202 for
   * 1, so that the ramp runs from floor 0 to ceiling 3: 0, 1/3, 2/3, 1 of a division by 4. The
   * factors are then 1, 1 - 1/3 x 3/4 = 3/4, 1 - 2/3 x 3/4 = 1/2 and 1/4.
   */
  @Test
  void yarnStretchesAlongARampOverTheDimensions() {
    double magnitude = RopeScaling.Yarn.usualMagnitude(4);
    var yarn = new RopeScaling.Yarn(4, 1000, 32, 1, magnitude);
    assertArrayEquals(new double[] {1, 0.075, 0.005, 0.00025}, of(yarn), TOLERANCE);
    // 0.1 ln 4 + 1
    assertEquals(1.138629436112, yarn.magnitude(), TOLERANCE);
    assertEquals(1, RopeScaling.Yarn.usualMagnitude(1));
  }

  @Test
  void everyScalingWithAFactorOfOneIsNone() {
    for (RopeScaling scaling :
        List.of(
            new RopeScaling.Linear(1),
            new RopeScaling.Dynamic(1),
            new RopeScaling.Llama3(1, 1, 4, 1000),
            new RopeScaling.Yarn(1, 1000, 32, 1, 1))) {
      assertArrayEquals(PLAIN, of(scaling), TOLERANCE, scaling.toString());
    }
  }

  @Test
  void refusesNumbersWithoutMeaning() {
    assertThrows(IllegalArgumentException.class, () -> new RopeScaling.Linear(0.5));
    assertThrows(IllegalArgumentException.class, () -> new RopeScaling.Dynamic(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new RopeScaling.Llama3(8, 4, 1, 1000));
    assertThrows(IllegalArgumentException.class, () -> new RopeScaling.Yarn(4, 0, 32, 1, 1));
  }
}

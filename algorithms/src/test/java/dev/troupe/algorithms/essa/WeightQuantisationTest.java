package dev.troupe.algorithms.essa;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class WeightQuantisationTest {
  private static final double EXACT = 1e-12;

  @Test
  void roundsHalvesToEven() {
    // scale 127 / 127 = 1: 0.5 to 0, 1.5 to 2, -2.5 to -2
    QuantisedMatrix quantised = WeightQuantisation.INT8.of(new double[][] {{127, 0.5, 1.5, -2.5}});
    assertArrayEquals(new double[] {1}, quantised.scales());
    assertArrayEquals(new byte[] {127, 0, 2, -2}, quantised.codes()[0]);
    assertEquals(0.5, quantised.largestError(new double[][] {{127, 0.5, 1.5, -2.5}}), EXACT);
  }

  @Test
  void fourBitsHaveSevenSteps() {
    QuantisedMatrix quantised = WeightQuantisation.INT4.of(new double[][] {{-1.4, 0.7, 0.25}});
    assertArrayEquals(new byte[] {-7, 4, 1}, quantised.codes()[0]);
    assertArrayEquals(new double[] {-1.4, 0.8, 0.2}, quantised.dequantised()[0], EXACT);
    // 0.2 * (-7 * 1 + 4 * 2 + 1 * 3)
    assertArrayEquals(new double[] {0.8}, quantised.times(1, 2, 3), EXACT);
  }

  @Test
  void aRowOfZerosStaysZero() {
    QuantisedMatrix quantised =
        WeightQuantisation.INT8.of(new double[][] {{0, -0.0}, {Double.MIN_VALUE, 0}, {1, 0}});
    assertArrayEquals(new double[] {0, 0, 1.0 / 127}, quantised.scales());
    assertArrayEquals(new double[] {0, 0}, quantised.dequantised()[0]);
    assertArrayEquals(new double[] {0, 0, 1}, quantised.times(1, 1), EXACT);
  }

  @Property
  void everyWeightIsWithinHalfAStep(@ForAll("rows") double[] row) {
    for (WeightQuantisation kind : WeightQuantisation.values()) {
      double[][] weights = {row};
      QuantisedMatrix quantised = kind.of(weights);
      double step = quantised.scales()[0];
      double bound = Math.max(step / 2 * (1 + 1e-9), kind.limit() * Double.MIN_NORMAL);
      assertTrue(quantised.largestError(weights) <= bound);
      for (byte code : quantised.codes()[0]) {
        assertTrue(Math.abs(code) <= kind.limit());
      }
    }
  }

  @Provide
  Arbitrary<double[]> rows() {
    return Arbitraries.doubles()
        .between(-1e30, 1e30)
        .array(double[].class)
        .ofMinSize(1)
        .ofMaxSize(8);
  }

  @Test
  void doesNotChangeWithTheArraysItGaveOut() {
    QuantisedMatrix quantised = WeightQuantisation.INT8.of(new double[][] {{127}});
    quantised.codes()[0][0] = 0;
    quantised.scales()[0] = 0;
    assertArrayEquals(new double[] {254}, quantised.times(2));
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "weights is empty, expected at least 1 row and 1 column",
        () -> WeightQuantisation.INT8.of(new double[1][0]));
    assertRefused(
        "weights[0] at index 0 is Infinity, expected a finite number",
        () -> WeightQuantisation.INT4.of(new double[][] {{Double.POSITIVE_INFINITY}}));
    QuantisedMatrix quantised = WeightQuantisation.INT8.of(new double[][] {{1, 2}});
    assertRefused("x has length 1, expected 2 like codes[0]", () -> quantised.times(1));
    assertRefused(
        "weights[0] has length 3, expected 2 like codes[0]",
        () -> quantised.largestError(new double[1][3]));
    assertRefused(
        "weights has length 2, expected 1 like codes",
        () -> quantised.largestError(new double[2][2]));
  }
}

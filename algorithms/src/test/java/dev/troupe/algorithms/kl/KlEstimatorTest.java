package dev.troupe.algorithms.kl;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.testing.Torch;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KlEstimatorTest {
  private static final double EXACT = 1e-12;
  private static final double FLOAT = 1e-6;

  @Test
  void givesTheTextbookValuesForALogRatioOfLogTwo() {
    double difference = Math.log(2);
    assertEquals(difference, KlEstimator.K1.perToken(difference), EXACT);
    assertEquals(difference * difference / 2, KlEstimator.K2.perToken(difference), EXACT);
    // exp(-log 2) + log 2 - 1 = 0.5 + log 2 - 1
    assertEquals(difference - 0.5, KlEstimator.K3.perToken(difference), EXACT);
  }

  @ParameterizedTest
  @EnumSource
  void agreesOnHostAndDevice(KlEstimator estimator) {
    float[] logp = {-1f, -2f, -0.5f, -30f, -0.001f};
    float[] reference = {-1.2f, -1.5f, -0.5f, -1f, -40f};
    try (NDManager manager = Torch.manager()) {
      NDArray onDevice =
          estimator.perToken(
              manager.create(logp, new Shape(1, 5)), manager.create(reference, new Shape(1, 5)));
      float[] onHost = estimator.perToken(logp, reference);
      for (int t = 0; t < logp.length; t++) {
        double scale = Math.max(1, Math.abs(onHost[t]));
        assertEquals(onHost[t], onDevice.getFloat(0, t), FLOAT * scale);
      }
    }
  }

  @Test
  void k3StopsGrowingAndStopsPullingBeyondItsClamp() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.vector(manager, -1000, -1000, 0);
      NDArray reference = Torch.vector(manager, 0, -980.5, -1000);
      var result = Torch.differentiate(() -> KlEstimator.K3.perToken(logp, reference).sum(), logp);
      // d = -1000: exp(20) - 21;  d = -19.5: exp(19.5) - 20.5;  d = 1000: exp(-20) + 19
      double expected = Math.exp(20) - 21 + Math.exp(19.5) - 20.5 + Math.exp(-20) + 19;
      assertEquals(expected, result.loss(), expected * EXACT);
      assertArrayEquals(
          new double[] {0, 1 - Math.exp(19.5), 0}, result.gradients()[0], Math.exp(20) * EXACT);
    }
  }

  @Test
  void k3PlusHasTheValueOfK3AndTheGradientOfK2() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.vector(manager, -1, -2, -50);
      NDArray reference = Torch.vector(manager, -1.2, -1.5, 0);
      var result =
          Torch.differentiate(() -> KlEstimator.K3_PLUS.perToken(logp, reference).sum(), logp);
      // exp(-d) + d - 1 with d = 0.2, -0.5 and, clamped, -20
      double expected = Math.exp(-0.2) - 0.8 + Math.exp(0.5) - 1.5 + Math.exp(20) - 21;
      assertEquals(expected, result.loss(), expected * EXACT);
      // d itself, with no clamp
      assertArrayEquals(new double[] {0.2, -0.5, -50}, result.gradients()[0], EXACT);
    }
  }

  @Property
  void k3IsNeverNegativeAndAlwaysFinite(@ForAll @DoubleRange(min = -1e9, max = 1e9) double d) {
    double estimate = KlEstimator.K3.perToken(d);
    assertTrue(estimate >= 0 && Double.isFinite(estimate), () -> "K3 of " + d + ": " + estimate);
  }

  @Test
  void acceptsAnEmptyBatch() {
    try (NDManager manager = Torch.manager()) {
      NDArray empty = manager.zeros(new Shape(0, 4));
      assertEquals(0, HostCopy.doubles(KlEstimator.K3.perToken(empty, empty)).length);
    }
    assertEquals(0, KlEstimator.K2.perToken(new float[0], new float[0]).length);
  }

  @Test
  void refusesShapesThatWouldBroadcast() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = manager.zeros(new Shape(2, 3));
      NDArray reference = manager.zeros(new Shape(1, 3));
      assertRefused(
          "refLogpBT has shape (1, 3), expected (2, 3) like logpBT",
          () -> KlEstimator.K1.perToken(logp, reference));
    }
    assertRefused(
        "refLogp has length 1, expected 2 like logp",
        () -> KlEstimator.K1.perToken(new float[2], new float[1]));
  }

  @Test
  void refusesLogProbabilitiesThatAreNotFinite() {
    assertRefused(
        "logp at index 1 is -Infinity, expected a finite number",
        () -> KlEstimator.K1.perToken(new float[] {0, Float.NEGATIVE_INFINITY}, new float[2]));
    assertRefused(
        "refLogp at index 0 is NaN, expected a finite number",
        () -> KlEstimator.K1.perToken(new float[2], new float[] {Float.NaN, 0}));
  }
}

package dev.troupe.algorithms.sft;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class SftLossTest {
  private static final double EXACT = 1e-12;
  private static final double NAN = Double.NaN;

  @Test
  void isTheWeightedNegativeLogLikelihoodOfRealTokens() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-1, -3}, new double[] {NAN, NAN});
      NDArray weight = Torch.matrix(manager, new double[] {0.25, 0.75}, new double[] {0, 0});
      var result = Torch.differentiate(() -> SftLoss.loss(logp, weight), logp);
      // 0.25 * 1 + 0.75 * 3
      assertEquals(2.5, result.loss(), EXACT);
      assertArrayEquals(new double[] {-0.25, -0.75, 0, 0}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void isZeroWithoutTokensAndForACertainToken() {
    try (NDManager manager = Torch.manager()) {
      NDArray zero = manager.zeros(new Shape(1, 1));
      NDArray one = manager.ones(new Shape(1, 1));
      assertEquals(0, HostCopy.scalar(SftLoss.loss(one, zero)), EXACT);
      assertEquals(0, HostCopy.scalar(SftLoss.loss(zero, one)), EXACT);
    }
  }

  @Test
  void refusesOtherShapesAndNumbersThatAreNotFinite() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.ones(new Shape(1, 1));
      NDArray two = manager.ones(new Shape(2, 1));
      NDArray bad = manager.create(new float[] {Float.NaN}, new Shape(1, 1));
      NDArray flat = manager.ones(new Shape(1));
      assertRefused("logpBT has shape (1), expected 2 axes (B, T)", () -> SftLoss.loss(flat, flat));
      assertRefused(
          "weightBT has shape (2, 1), expected (1, 1) like logpBT", () -> SftLoss.loss(one, two));
      assertRefused(
          "logpBT (1, 1) at index 0 is NaN, expected a finite number",
          () -> SftLoss.loss(bad, one));
    }
  }
}

package dev.troupe.algorithms.cispo;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.policy.PolicyBatch;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class CispoLossTest {
  private static final double EXACT = 1e-12;
  private static final double NAN = Double.NaN;

  @Test
  void clipsTheWeightAndLetsEveryTokenLearn() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-1, -2, -0.5, NAN});
      NDArray old =
          Torch.matrix(manager, new double[] {-1 - Math.log(3), -2 + Math.log(4), -0.5, NAN});
      NDArray advantage = Torch.matrix(manager, new double[] {2, -1, 1, NAN});
      NDArray weight = Torch.matrix(manager, new double[] {0.25, 0.5, 0.25, 0});
      PolicyBatch batch = PolicyBatch.of(logp, old, advantage, weight);
      var result =
          Torch.differentiate(() -> new CispoLoss(0.5, 1.2).policyLoss().loss(batch), logp);
      // ratios 3, 1/4 and 1 become weights 1.2, 0.5 and 1; loss -w A logp, gradient -w A
      assertEquals(0.25 * 2.4 - 0.5 * 0.5 * 2 + 0.25 * 0.5, result.loss(), EXACT);
      assertArrayEquals(
          new double[] {0.25 * -2.4, 0.5 * 0.5, -0.25, 0}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void onPolicyItsGradientIsThatOfReinforce() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-1, -2});
      NDArray old = Torch.matrix(manager, new double[] {-1, -2});
      NDArray advantage = Torch.matrix(manager, new double[] {3, -4});
      PolicyBatch batch = PolicyBatch.of(logp, old, advantage, logp.onesLike());
      var result = Torch.differentiate(() -> CispoLoss.around(1, 0).policyLoss().loss(batch), logp);
      assertArrayEquals(new double[] {-3, 4}, result.gradients()[0]);
    }
  }

  @Test
  void aMicroBatchWithoutTokensIsZero() {
    try (NDManager manager = Torch.manager()) {
      NDArray junk = Torch.matrix(manager, new double[] {NAN});
      NDArray none = Torch.matrix(manager, new double[] {0});
      PolicyBatch batch = PolicyBatch.of(junk, junk, none, none);
      var result = Torch.differentiate(() -> new CispoLoss(0, 1.2).policyLoss().loss(batch), junk);
      assertEquals(0, result.loss());
      assertArrayEquals(new double[1], result.gradients()[0]);
    }
  }

  @Test
  void theTwoConventionsMeanTheSameBounds() {
    assertEquals(new CispoLoss(0.75, 1.5), CispoLoss.around(0.25, 0.5));
    assertEquals(new CispoLoss(0, 3), CispoLoss.around(1, 2));
    assertEquals(new CispoLoss(1, 1), CispoLoss.around(0, 0));
  }

  @Test
  void countsWeightsBeyondTheirBounds() {
    CispoLoss loss = new CispoLoss(0.5, 1.5);
    assertTrue(loss.isClipped(0.4, 1));
    assertTrue(loss.isClipped(1.6, -1));
    assertFalse(loss.isClipped(0.5, 1));
    assertFalse(loss.isClipped(1.5, 1));
  }

  @Test
  void refusesBoundsThatAreNotARangeAndOtherShapes() {
    assertRefused(
        "CISPO weights: lower is -0.5, expected 0 or more;"
            + " upper is NaN, expected a number above 0 and at least lower",
        () -> new CispoLoss(-0.5, NAN));
    assertRefused(
        "CISPO weights: upper is 1.0, expected a number above 0 and at least lower",
        () -> new CispoLoss(1.5, 1));
    assertRefused(
        "CISPO weights: upper is 0.0, expected a number above 0 and at least lower",
        () -> new CispoLoss(0, 0));
    assertRefused(
        "CISPO weights: lower is Infinity, expected 0 or more;"
            + " upper is Infinity, expected a number above 0 and at least lower",
        () -> new CispoLoss(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY));
    try (NDManager manager = Torch.manager()) {
      NDArray two = manager.ones(new Shape(1, 2));
      NDArray one = manager.ones(new Shape(1, 1));
      assertRefused(
          "ratioBT has shape (1, 1), expected (1, 2) like logpBT",
          () -> new CispoLoss(0, 2).perToken(two, one, two));
      assertRefused(
          "advantageBT has shape (1, 1), expected (1, 2) like logpBT",
          () -> new CispoLoss(0, 2).perToken(two, two, one));
    }
  }
}

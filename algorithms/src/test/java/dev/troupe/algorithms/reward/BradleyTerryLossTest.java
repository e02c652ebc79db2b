package dev.troupe.algorithms.reward;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class BradleyTerryLossTest {
  private static final double EXACT = 1e-12;

  /** Numbers in comments have twelve digits behind the point. */
  private static final double PRINTED = 1e-11;

  @Test
  void equalRewardsPayLogTwoAndAreDrivenApart() {
    try (NDManager manager = Torch.manager()) {
      NDArray chosen = Torch.vector(manager, 3);
      NDArray rejected = Torch.vector(manager, 3);
      var result =
          Torch.differentiate(
              () -> BradleyTerryLoss.loss(chosen, rejected, null, 0, 1), chosen, rejected);
      assertEquals(Math.log(2), result.loss(), EXACT);
      assertArrayEquals(new double[] {-0.5}, result.gradients()[0], EXACT);
      assertArrayEquals(new double[] {0.5}, result.gradients()[1], EXACT);
    }
  }

  @Test
  void centringPullsTheMeanOfBothRewardsToZero() {
    try (NDManager manager = Torch.manager()) {
      NDArray chosen = Torch.vector(manager, 3);
      NDArray rejected = Torch.vector(manager, 3);
      var result =
          Torch.differentiate(
              () -> BradleyTerryLoss.loss(chosen, rejected, null, 0.01, 2), chosen, rejected);
      // (log 2 + 0.01 * 6^2) / 2;  (-0.5 + 0.01 * 2 * 6) / 2 and (0.5 + 0.12) / 2
      assertEquals((Math.log(2) + 0.36) / 2, result.loss(), EXACT);
      assertArrayEquals(new double[] {-0.19}, result.gradients()[0], EXACT);
      assertArrayEquals(new double[] {0.31}, result.gradients()[1], EXACT);
    }
  }

  @Test
  void aMarginAsksForMoreThanZero() {
    try (NDManager manager = Torch.manager()) {
      NDArray chosen = Torch.vector(manager, 1);
      NDArray rejected = Torch.vector(manager, 0);
      NDArray margin = Torch.vector(manager, 1);
      assertEquals(
          Math.log(2),
          HostCopy.scalar(BradleyTerryLoss.loss(chosen, rejected, margin, 0, 1)),
          EXACT);
    }
  }

  @Test
  void doesNotOverflowForAHopelessPair() {
    try (NDManager manager = Torch.manager()) {
      NDArray chosen = manager.create(new float[] {-1e4f});
      NDArray rejected = manager.create(new float[] {1e4f});
      var result =
          Torch.differentiate(() -> BradleyTerryLoss.loss(chosen, rejected, null, 0, 1), chosen);
      assertEquals(2e4, result.loss());
      assertEquals(-1, result.gradients()[0][0]);
    }
  }

  @Test
  void anOffsetBoundsTheLossAndLetsGoOfAHopelessPair() {
    try (NDManager manager = Torch.manager()) {
      NDArray chosen = Torch.vector(manager, 3, -20, 2);
      NDArray rejected = Torch.vector(manager, 3, 20, 1);
      var result =
          Torch.differentiate(
              () -> BradleyTerryLoss.loss(chosen, rejected, null, 0, 1e-5, 3), chosen, rejected);
      // d = 0:   s = 0.5,         -log(0.50001) = 0.693127180760,      -0.25 / 0.50001 =
      // -0.499990000200
      // d = -40: s = 4.248354e-18,  -log(1e-5 + s) = 11.512925464970,    -s / 1e-5 =
      // -4.248354255290e-13
      // d = 1:   s = 0.731058578630, -log(0.731068578630) = 0.313248008817,
      //          -s (1 - s) / (s + 1e-5) = -0.268937742626
      assertEquals((0.693127180760 + 11.512925464970 + 0.313248008817) / 3, result.loss(), PRINTED);
      double[] slopes = {-0.499990000200 / 3, -4.248354255290e-13 / 3, -0.268937742626 / 3};
      assertArrayEquals(slopes, result.gradients()[0], PRINTED);
      assertEquals(slopes[1], result.gradients()[0][1], 1e-20);
      assertArrayEquals(
          new double[] {-slopes[0], -slopes[1], -slopes[2]}, result.gradients()[1], PRINTED);
    }
  }

  @Test
  void anOffsetOfZeroIsThePlainLoss() {
    try (NDManager manager = Torch.manager()) {
      NDArray chosen = Torch.vector(manager, 0.3, -1.2);
      NDArray rejected = Torch.vector(manager, 0.1, 2.5);
      assertEquals(
          HostCopy.scalar(BradleyTerryLoss.loss(chosen, rejected, null, 0.01, 2)),
          HostCopy.scalar(BradleyTerryLoss.loss(chosen, rejected, null, 0.01, 0, 2)));
      assertRefused(
          "offset is 1.0, expected a number in [0.0, 0.9999999999999999]",
          () -> BradleyTerryLoss.loss(chosen, rejected, null, 0, 1, 2));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.zeros(new Shape(1));
      NDArray square = manager.zeros(new Shape(1, 1));
      assertRefused(
          "chosenP has shape (1, 1), expected 1 axes (P)",
          () -> BradleyTerryLoss.loss(square, square, null, 0, 1));
      assertRefused(
          "marginP has shape (1, 1), expected (1) like chosenP",
          () -> BradleyTerryLoss.loss(one, one, square, 0, 1));
      assertRefused(
          "totalPairs is 0, expected at least 1, the number in this micro-batch",
          () -> BradleyTerryLoss.loss(one, one, null, 0, 0));
    }
  }
}

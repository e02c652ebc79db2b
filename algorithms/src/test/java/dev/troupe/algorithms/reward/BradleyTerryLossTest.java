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

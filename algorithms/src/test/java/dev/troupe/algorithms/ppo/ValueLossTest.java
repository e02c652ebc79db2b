package dev.troupe.algorithms.ppo;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class ValueLossTest {
  private static final double EXACT = 1e-12;
  private static final double NAN = Double.NaN;

  @Test
  void aValueThatLeftItsRangeTheWrongWayPaysForTheEdge() {
    try (NDManager manager = Torch.manager()) {
      NDArray value = Torch.matrix(manager, new double[] {1, 2, 0.1, -2});
      NDArray old = Torch.matrix(manager, new double[] {0, 0, 0, 0});
      NDArray target = Torch.matrix(manager, new double[] {1, 1, 1, -2});
      NDArray weight = Torch.matrix(manager, new double[] {0.1, 0.2, 0.3, 0.4});
      var result =
          Torch.differentiate(() -> new ValueLoss(0.5).loss(value, old, target, weight), value);
      // 1 reached its target but left the range: (0.5 - 1)^2 = 0.25 > 0
      // 2 overshot: (2 - 1)^2 = 1 > 0.25            0.1 is inside: 0.81
      // -2 reached its target below the range: (-0.5 + 2)^2 = 2.25
      assertEquals(0.5 * (0.1 * 0.25 + 0.2 * 1 + 0.3 * 0.81 + 0.4 * 2.25), result.loss(), EXACT);
      // weight * (V - R) on the unclipped branch, otherwise 0
      assertArrayEquals(new double[] {0, 0.2, -0.27, 0}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void onTheEdgeTheUnclippedBranchGivesTheGradient() {
    try (NDManager manager = Torch.manager()) {
      NDArray value = Torch.matrix(manager, new double[] {0.5, -0.5});
      NDArray old = Torch.matrix(manager, new double[] {0, 0});
      NDArray target = Torch.matrix(manager, new double[] {1, -1});
      NDArray weight = Torch.matrix(manager, new double[] {1, 1});
      var result =
          Torch.differentiate(() -> new ValueLoss(0.5).loss(value, old, target, weight), value);
      assertArrayEquals(new double[] {-0.5, 0.5}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void withoutAClipItIsHalfTheSquaredErrorAndNeedsNoOldValues() {
    try (NDManager manager = Torch.manager()) {
      NDArray value = Torch.matrix(manager, new double[] {3});
      NDArray target = Torch.matrix(manager, new double[] {1});
      NDArray weight = Torch.matrix(manager, new double[] {1});
      var result =
          Torch.differentiate(() -> new ValueLoss(0).loss(value, null, target, weight), value);
      assertEquals(2, result.loss(), EXACT);
      assertArrayEquals(new double[] {2}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void junkWithoutAWeightDoesNotMatterAndNoTokenIsNoLoss() {
    try (NDManager manager = Torch.manager()) {
      NDArray value = Torch.matrix(manager, new double[] {2, NAN}, new double[] {NAN, NAN});
      NDArray old = Torch.matrix(manager, new double[] {2, NAN}, new double[] {NAN, 1e30});
      NDArray target = Torch.matrix(manager, new double[] {1, 1e30}, new double[] {NAN, NAN});
      NDArray weight = Torch.matrix(manager, new double[] {1, 0}, new double[] {0, 0});
      NDArray none = weight.zerosLike();
      ValueLoss loss = new ValueLoss(0.2);
      var result = Torch.differentiate(() -> loss.loss(value, old, target, weight), value);
      assertEquals(0.5, result.loss(), EXACT);
      assertArrayEquals(new double[] {1, 0, 0, 0}, result.gradients()[0], EXACT);
      var empty = Torch.differentiate(() -> loss.loss(value, old, target, none), value);
      assertEquals(0, empty.loss());
      assertArrayEquals(new double[4], empty.gradients()[0]);
    }
  }

  @Test
  void refusesBadInput() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.ones(new Shape(1, 2));
      NDArray longer = manager.ones(new Shape(1, 3));
      NDArray bad = manager.create(new float[] {0, Float.NaN}, new Shape(1, 2));
      ValueLoss loss = new ValueLoss(0.2);
      assertRefused(
          "valueBT has shape (2), expected 2 axes (B, T)",
          () -> loss.loss(manager.ones(new Shape(2)), one, one, one));
      assertRefused(
          "returnBT has shape (1, 3), expected (1, 2) like valueBT",
          () -> loss.loss(one, one, longer, one));
      assertRefused(
          "weightBT has shape (1, 3), expected (1, 2) like valueBT",
          () -> loss.loss(one, one, one, longer));
      assertRefused(
          "oldValueBT has shape (1, 3), expected (1, 2) like valueBT",
          () -> loss.loss(one, longer, one, one));
      assertRefused(
          "oldValueBT is missing, expected the values before the update because clip is 0.2",
          () -> loss.loss(one, null, one, one));
      assertRefused(
          "valueBT (1, 2) at index 1 is NaN, expected a finite number",
          () -> loss.loss(bad, one, one, one));
      assertRefused(
          "oldValueBT (1, 2) at index 1 is NaN, expected a finite number",
          () -> loss.loss(one, bad, one, one));
      assertRefused(
          "clip is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
          () -> new ValueLoss(-1));
    }
  }
}

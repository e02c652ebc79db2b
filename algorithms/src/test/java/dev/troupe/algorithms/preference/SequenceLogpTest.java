package dev.troupe.algorithms.preference;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class SequenceLogpTest {
  private static final double NAN = Double.NaN;

  @Test
  void sumsTheTokensThatCount() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp =
          Torch.matrix(manager, new double[] {-1, -2, NAN}, new double[] {NAN, NAN, NAN});
      NDArray mask = Torch.matrix(manager, new double[] {1, 1, 0}, new double[] {0, 0, 0});
      assertArrayEquals(new double[] {-3, 0}, HostCopy.doubles(SequenceLogp.sum(logp, mask)));
      var result = Torch.differentiate(() -> SequenceLogp.sum(logp, mask).sum(), logp);
      assertArrayEquals(new double[] {1, 1, 0, 0, 0, 0}, result.gradients()[0]);
    }
  }

  @Test
  void splitsInterleavedPairs() {
    try (NDManager manager = Torch.manager()) {
      NDArray rows = Torch.vector(manager, 1, 2, 3, 4);
      assertArrayEquals(new double[] {1, 3}, HostCopy.doubles(SequenceLogp.chosen(rows)));
      assertArrayEquals(new double[] {2, 4}, HostCopy.doubles(SequenceLogp.rejected(rows)));
      NDArray pair = Torch.vector(manager, 1, 2);
      assertEquals(new Shape(1), SequenceLogp.chosen(pair).getShape());
    }
  }

  @Test
  void refusesMasksThatAreNotZeroOrOneAndHalfPairs() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = manager.zeros(new Shape(2, 2));
      NDArray mask = manager.create(new float[] {1, 0, 0.5f, 1}, new Shape(2, 2));
      NDArray nan = manager.create(new float[] {1, 0, 0, Float.NaN}, new Shape(2, 2));
      assertRefused(
          "maskBT (2, 2) at row 1, column 0 is 0.5, expected 0 or 1",
          () -> SequenceLogp.sum(logp, mask));
      assertRefused(
          "maskBT (2, 2) at row 1, column 1 is NaN, expected 0 or 1",
          () -> SequenceLogp.sum(logp, nan));
      NDArray three = manager.zeros(new Shape(3));
      assertRefused(
          "valueB has shape (3), expected an even number of rows (chosen, rejected, ...)",
          () -> SequenceLogp.chosen(three));
    }
  }
}

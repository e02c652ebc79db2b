package dev.troupe.algorithms.aggregation;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class ValidTokensTest {
  private static final double NAN = Double.NaN;

  @Test
  void meansAreOverTheTokensOfARowAndNoTokenGivesZero() {
    try (NDManager manager = Torch.manager()) {
      NDArray mask = Torch.matrix(manager, new double[] {1, 0, 1}, new double[] {0, 0, 0});
      NDArray value = Torch.matrix(manager, new double[] {2, NAN, 4}, new double[] {NAN, 5, 7});
      NDArray coefficient = Torch.matrix(manager, new double[] {1}, new double[] {10});
      var result =
          Torch.differentiate(
              () -> ValidTokens.ofMask(mask).rowMeans(value).mul(coefficient).sum(), value);
      assertArrayEquals(
          new double[] {3, 0}, HostCopy.doubles(ValidTokens.ofMask(mask).rowMeans(value)));
      assertArrayEquals(new double[] {0.5, 0, 0.5, 0, 0, 0}, result.gradients()[0]);
    }
  }

  @Test
  void refusesWhatIsNoMask() {
    try (NDManager manager = Torch.manager()) {
      NDArray flat = Torch.vector(manager, 1, 0);
      assertRefused("maskBT has shape (2), expected 2 axes (B, T)", () -> ValidTokens.ofMask(flat));
      assertRefused(
          "weightBT has shape (2), expected 2 axes (B, T)", () -> ValidTokens.ofWeights(flat));
      assertRefused(
          "maskBT (2, 2) at row 1, column 0 is 0.5, expected 0 or 1",
          () ->
              ValidTokens.ofMask(
                  Torch.matrix(manager, new double[] {1, 0}, new double[] {0.5, 2})));
      assertRefused(
          "value has shape (1, 1), expected (1, 2) like the mask",
          () ->
              ValidTokens.ofMask(Torch.matrix(manager, new double[] {1, 0}))
                  .keep("value", Torch.matrix(manager, new double[] {1})));
    }
  }
}

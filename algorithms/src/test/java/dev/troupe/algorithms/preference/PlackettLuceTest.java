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

class PlackettLuceTest {
  private static final double EXACT = 1e-12;

  @Test
  void choosesTheBestOfThoseThatAreLeft() {
    try (NDManager manager = Torch.manager()) {
      NDArray score =
          Torch.matrix(
              manager,
              new double[] {Math.log(3), Math.log(2), Math.log(1)},
              new double[] {Math.log(1), Math.log(2), Math.log(5)});
      // 3/6 * 2/3 and 1/8 * 2/7
      var result =
          Torch.differentiate(() -> PlackettLuce.negativeLogLikelihood(score).sum(), score);
      assertArrayEquals(
          new double[] {Math.log(3), Math.log(28)},
          HostCopy.doubles(PlackettLuce.negativeLogLikelihood(score)),
          EXACT);
      // row 0: 3/6 - 1, 2/6 + 2/3 - 1, 1/6 + 1/3; row 1: 1/8 - 1, 2/8 + 2/7 - 1, 5/8 + 5/7
      assertArrayEquals(
          new double[] {-0.5, 0, 0.5, -7 / 8.0, 2 / 8.0 + 2 / 7.0 - 1, 5 / 8.0 + 5 / 7.0},
          result.gradients()[0],
          EXACT);
    }
  }

  @Test
  void twoCandidatesAreBradleyTerryAndOneIsNoRanking() {
    try (NDManager manager = Torch.manager()) {
      NDArray two = Torch.matrix(manager, new double[] {1.5, -0.5});
      assertEquals(
          Math.log1p(Math.exp(-2)),
          HostCopy.scalar(PlackettLuce.negativeLogLikelihood(two)),
          EXACT);
      NDArray one = manager.zeros(new Shape(3, 1));
      assertArrayEquals(new double[3], HostCopy.doubles(PlackettLuce.negativeLogLikelihood(one)));
    }
  }

  @Test
  void refusesScoresThatAreNotFinite() {
    try (NDManager manager = Torch.manager()) {
      NDArray bad = manager.create(new float[] {1, Float.NaN}, new Shape(1, 2));
      assertRefused(
          "scoreEL (1, 2) at index 1 is NaN, expected a finite number",
          () -> PlackettLuce.negativeLogLikelihood(bad));
      assertRefused(
          "scoreEL has shape (2), expected 2 axes (E, L)",
          () -> PlackettLuce.negativeLogLikelihood(manager.zeros(new Shape(2))));
    }
  }
}

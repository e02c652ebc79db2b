package dev.troupe.algorithms.ppo;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

class ClippedSurrogateTest {
  private static final double EXACT = 1e-12;

  private static NDArray perToken(
      ClippedSurrogate surrogate, NDArray logp, NDArray old, NDArray advantage) {
    return surrogate.perToken(logp, ClippedSurrogate.ratio(logp, old), advantage);
  }

  @Test
  void takesThePessimisticBranchForBothSignsOfTheAdvantage() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp =
          Torch.matrix(
              manager, new double[] {Math.log(1.5), Math.log(0.5), Math.log(1.5), Math.log(0.5)});
      NDArray old = logp.zerosLike();
      NDArray advantage = Torch.matrix(manager, new double[] {2, 2, -1, -1});
      // -min(1.5*2, 1.28*2) = -2.56   -min(0.5*2, 0.8*2) = -1
      // -min(-1.5, -1.28) = 1.5       -min(-0.5, -0.8) = 0.8
      var result =
          Torch.differentiate(
              () -> perToken(new ClippedSurrogate(0.2, 0.28, 0), logp, old, advantage).sum(), logp);
      assertEquals(-2.56 - 1 + 1.5 + 0.8, result.loss(), EXACT);
      // -ratio * A where the unclipped branch is taken, otherwise 0
      assertArrayEquals(new double[] {0, -1, 1.5, 0}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void isThePolicyGradientWhenThePolicyHasNotMoved() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-0.3, -4, -1});
      NDArray old = Torch.matrix(manager, new double[] {-0.3, -4, -1});
      NDArray advantage = Torch.matrix(manager, new double[] {2, -3, 0});
      var result =
          Torch.differentiate(
              () -> perToken(new ClippedSurrogate(0.2, 0.2, 3), logp, old, advantage).sum(), logp);
      assertArrayEquals(new double[] {-2, 3, 0}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void dualClipBoundsTheLossOfBadTokensOnly() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {Math.log(5), Math.log(2), Math.log(5)});
      NDArray old = logp.zerosLike();
      NDArray advantage = Torch.matrix(manager, new double[] {-1, -1, 1});
      // ratio 5 is cut to 3, ratio 2 is not; a positive advantage keeps the ordinary clip at 1.2
      var result =
          Torch.differentiate(
              () -> perToken(new ClippedSurrogate(0.2, 0.2, 3), logp, old, advantage).sum(), logp);
      assertEquals(3 + 2 - 1.2, result.loss(), EXACT);
      assertArrayEquals(new double[] {0, 2, 0}, result.gradients()[0], EXACT);
    }
  }

  @Property(tries = 200)
  void staysFiniteForExtremeLogProbabilities(
      @ForAll @DoubleRange(min = -1e30, max = 0) double logp,
      @ForAll @DoubleRange(min = -1e30, max = 0) double oldLogp,
      @ForAll @DoubleRange(min = -100, max = 100) double advantage) {
    try (NDManager manager = Torch.manager()) {
      NDArray logpBT = manager.create(new float[] {(float) logp}, new Shape(1, 1));
      NDArray oldBT = manager.create(new float[] {(float) oldLogp}, new Shape(1, 1));
      NDArray advantageBT = manager.create(new float[] {(float) advantage}, new Shape(1, 1));
      var result =
          Torch.differentiate(
              () -> perToken(new ClippedSurrogate(0.2, 0.2, 0), logpBT, oldBT, advantageBT).sum(),
              logpBT);
      assertTrue(Double.isFinite(result.loss()));
      assertTrue(Double.isFinite(result.gradients()[0][0]));
    }
  }

  @Test
  void theRatioIsTheSameOnHostAndDevice() {
    try (NDManager manager = Torch.manager()) {
      NDArray ratio =
          ClippedSurrogate.ratio(
              Torch.matrix(manager, new double[] {-1, -500}),
              Torch.matrix(manager, new double[] {-1.5, 0}));
      assertArrayEquals(
          new double[] {ClippedSurrogate.ratio(-1, -1.5), ClippedSurrogate.ratio(-500, 0)},
          HostCopy.doubles(ratio),
          EXACT);
      assertEquals(Math.exp(-20), ClippedSurrogate.ratio(-500, 0), EXACT);
    }
  }

  @Test
  void aTokenIsClippedOnlyWhereItGivesNoGradient() {
    assertTrue(new ClippedSurrogate(0.2, 0.2, 0).isClipped(1.3, 1));
    assertTrue(new ClippedSurrogate(0.2, 0.2, 0).isClipped(0.7, -1));
    assertFalse(new ClippedSurrogate(0.2, 0.2, 0).isClipped(1.3, -1));
    assertFalse(new ClippedSurrogate(0.2, 0.2, 0).isClipped(0.7, 1));
    assertFalse(new ClippedSurrogate(0.2, 0.2, 0).isClipped(1.3, 0));
    assertFalse(new ClippedSurrogate(0, 0, 0).isClipped(1, 1));
    assertFalse(new ClippedSurrogate(0.5, 0.5, 0).isClipped(1.5, 1));
    assertFalse(new ClippedSurrogate(0.5, 0.5, 0).isClipped(0.5, -1));
    assertFalse(new ClippedSurrogate(0.5, 0.5, 0).isClipped(0.2, 0));
    assertTrue(new ClippedSurrogate(0.5, 0.5, 0).isClipped(1.6, 1));
    assertTrue(new ClippedSurrogate(0.5, 0.5, 0).isClipped(0.4, -1));
  }

  @Test
  void refusesWrongShapesAndRanges() {
    try (NDManager manager = Torch.manager()) {
      NDArray two = manager.zeros(new Shape(1, 2));
      NDArray three = manager.zeros(new Shape(1, 3));
      assertRefused(
          "advantageBT has shape (1, 3), expected (1, 2) like logpBT",
          () -> perToken(new ClippedSurrogate(0.2, 0.2, 0), two, two, three));
      assertRefused(
          "oldLogpBT has shape (1, 3), expected (1, 2) like logpBT",
          () -> perToken(new ClippedSurrogate(0.2, 0.2, 0), two, three, two));
      assertRefused(
          "ratioBT has shape (1, 3), expected (1, 2) like logpBT",
          () -> new ClippedSurrogate(0.2, 0.2, 0).perToken(two, three, two));
      assertRefused(
          "clipHigh is -0.1, expected a number in [0.0, 1.7976931348623157E308]",
          () -> new ClippedSurrogate(0.2, -0.1, 0));
      assertRefused(
          "dualClip is 1.0, expected a number above 1, or 0 for none",
          () -> new ClippedSurrogate(0.2, 0.2, 1));
      assertRefused(
          "dualClip is Infinity, expected a number above 1, or 0 for none",
          () -> new ClippedSurrogate(0.2, 0.2, Double.POSITIVE_INFINITY));
      assertRefused(
          "clipLow is 1.5, expected a number in [0.0, 1.0]",
          () -> perToken(new ClippedSurrogate(1.5, 0.2, 0), two, two, two));
      assertRefused(
          "dualClip is 0.5, expected a number above 1, or 0 for none",
          () -> perToken(new ClippedSurrogate(0.2, 0.2, 0.5), two, two, two));
    }
  }
}

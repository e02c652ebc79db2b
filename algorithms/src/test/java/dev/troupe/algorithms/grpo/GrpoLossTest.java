package dev.troupe.algorithms.grpo;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class GrpoLossTest {
  private static final double EXACT = 1e-12;
  private static final double NAN = Double.NaN;

  /** Clip 0.2, K2 with coefficient 0.5. */
  private static final GrpoSettings WITH_K2 =
      new GrpoSettings(
          0.2, 0.2, 0, KlEstimator.K2, 0.5, Aggregation.TOKEN_MEAN, GroupAdvantage.centred(), 0);

  @Test
  void addsTheDivergenceToTheClippedSurrogateAndWeighsTheTokens() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {Math.log(1.5), Math.log(0.5)});
      NDArray old = logp.zerosLike();
      NDArray reference = Torch.matrix(manager, new double[] {Math.log(1.5) - 0.4, Math.log(0.5)});
      NDArray advantage = Torch.matrix(manager, new double[] {2, 2});
      NDArray weight = Torch.matrix(manager, new double[] {0.25, 0.75});
      var result =
          Torch.differentiate(
              () -> GrpoLoss.loss(logp, old, reference, advantage, weight, WITH_K2), logp);
      // token 0: -1.2*2 + 0.5 * 0.4^2/2 = -2.36     token 1: -0.5*2 = -1
      assertEquals(0.25 * -2.36 + 0.75 * -1, result.loss(), EXACT);
      // token 0: clipped, 0.5 * 0.4                  token 1: -0.5 * 2
      assertArrayEquals(new double[] {0.25 * 0.2, 0.75 * -1}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void junkWithoutAWeightChangesNeitherLossNorGradient() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-1, NAN}, new double[] {NAN, 1e30});
      NDArray old = Torch.matrix(manager, new double[] {-1, NAN}, new double[] {-1e30, NAN});
      NDArray reference = Torch.matrix(manager, new double[] {-1.4, 7}, new double[] {NAN, NAN});
      NDArray advantage = Torch.matrix(manager, new double[] {2, NAN}, new double[] {NAN, 1e30});
      NDArray weight = Torch.matrix(manager, new double[] {0.5, 0}, new double[] {0, 0});
      var result =
          Torch.differentiate(
              () -> GrpoLoss.loss(logp, old, reference, advantage, weight, WITH_K2), logp);
      // 0.5 * (-2 + 0.5 * 0.4^2/2); gradient 0.5 * (-2 + 0.5 * 0.4); the second row is all padding
      assertEquals(0.5 * (-2 + 0.04), result.loss(), EXACT);
      assertArrayEquals(new double[] {0.5 * -1.8, 0, 0, 0}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void aMicroBatchWithoutTokensIsZeroAndHasNoGradient() {
    try (NDManager manager = Torch.manager()) {
      NDArray junk = Torch.matrix(manager, new double[] {NAN, NAN});
      NDArray old = Torch.matrix(manager, new double[] {NAN, NAN});
      NDArray weight = Torch.matrix(manager, new double[] {0, 0});
      var result =
          Torch.differentiate(() -> GrpoLoss.loss(junk, old, old, old, weight, WITH_K2), junk);
      assertEquals(0, result.loss());
      assertArrayEquals(new double[2], result.gradients()[0]);
    }
  }

  @Test
  void onPolicyWithoutDivergenceItIsTheNegativeMeanAdvantage() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-1, -2});
      NDArray old = Torch.matrix(manager, new double[] {-1, -2});
      NDArray advantage = Torch.matrix(manager, new double[] {3, -1});
      NDArray weight = Torch.matrix(manager, new double[] {0.5, 0.5});
      NDArray loss = GrpoLoss.loss(logp, old, null, advantage, weight, GrpoSettings.dapo());
      assertEquals(-1, HostCopy.scalar(loss), EXACT);
    }
  }

  @Test
  void keepsFloat32AndTheManagerOfThePolicy() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.ones(new Shape(1, 1));
      NDArray loss = GrpoLoss.loss(one, one, one, one, one, GrpoSettings.grpo());
      assertEquals(DataType.FLOAT32, loss.getDataType());
      assertEquals(new Shape(), loss.getShape());
      assertEquals(-1f, loss.getFloat());
    }
  }

  @Test
  void refusesAMissingReferenceOnlyIfItIsNeeded() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.ones(new Shape(1, 1));
      assertRefused(
          "refLogpBT is missing, expected log-probabilities of a reference because klCoefficient is"
              + " 0.04",
          () -> GrpoLoss.loss(one, one, null, one, one, GrpoSettings.grpo()));
    }
  }

  @Test
  void refusesNumbersThatAreNotFiniteWhereThereIsAToken() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.ones(new Shape(1, 2));
      NDArray bad = manager.create(new float[] {0f, Float.NEGATIVE_INFINITY}, new Shape(1, 2));
      assertRefused(
          "logpBT (1, 2) at index 1 is -Infinity, expected a finite number",
          () -> GrpoLoss.loss(bad, one, one, one, one, GrpoSettings.grpo()));
      assertRefused(
          "refLogpBT (1, 2) at index 1 is -Infinity, expected a finite number",
          () -> GrpoLoss.loss(one, one, bad, one, one, GrpoSettings.grpo()));
      assertRefused(
          "weightBT (1, 2) at index 1 is -Infinity, expected a finite number",
          () -> GrpoLoss.loss(one, one, one, one, bad, GrpoSettings.grpo()));
    }
  }

  @Test
  void refusesOtherShapesAndTypes() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.ones(new Shape(1, 2));
      NDArray longer = manager.ones(new Shape(1, 3));
      NDArray flat = manager.ones(new Shape(2));
      NDArray wide = Torch.matrix(manager, new double[] {1, 1});
      assertRefused(
          "logpBT has shape (2), expected 2 axes (B, T)",
          () -> GrpoLoss.loss(flat, flat, flat, flat, flat, GrpoSettings.grpo()));
      assertRefused(
          "oldLogpBT has shape (1, 3), expected (1, 2) like the mask",
          () -> GrpoLoss.loss(one, longer, one, one, one, GrpoSettings.grpo()));
      assertRefused(
          "weightBT has type float64, expected float32 like logpBT",
          () -> GrpoLoss.loss(one, one, one, one, wide, GrpoSettings.grpo()));
    }
  }
}

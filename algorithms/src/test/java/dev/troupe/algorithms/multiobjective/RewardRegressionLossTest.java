package dev.troupe.algorithms.multiobjective;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.multiobjective.RewardRegressionLoss.Head;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class RewardRegressionLossTest {
  private static final double EXACT = 1e-12;

  @Test
  void averagesSquaredErrorsOverKnownLabelsOfTheWholeBatch() {
    try (NDManager manager = Torch.manager()) {
      NDArray output = Torch.matrix(manager, new double[] {1, 2}, new double[] {Double.NaN, -1});
      NDArray target = Torch.matrix(manager, new double[] {0, 5}, new double[] {7, Double.NaN});
      NDArray mask = Torch.matrix(manager, new double[] {1, 1}, new double[] {0, 0});
      var result =
          Torch.differentiate(
              () -> RewardRegressionLoss.loss(output, target, mask, Head.LINEAR, 4), output);
      // ((1 - 0)^2 + (2 - 5)^2) / 4, and 2 (s - y) / 4; the second row has no label at all
      assertEquals(2.5, result.loss(), EXACT);
      assertArrayEquals(new double[] {0.5, -1.5, 0, 0}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void theSigmoidHeadIsRegressedThroughItsLogisticFunction() {
    try (NDManager manager = Torch.manager()) {
      NDArray output = Torch.matrix(manager, new double[] {0, Math.log(3), 5});
      NDArray target = Torch.matrix(manager, new double[] {1, 0.25, 0});
      NDArray mask = Torch.matrix(manager, new double[] {1, 1, 0});
      var result =
          Torch.differentiate(
              () -> RewardRegressionLoss.loss(output, target, mask, Head.SIGMOID, 2), output);
      // scores 1/2 and 3/4: ((-1/2)^2 + (1/2)^2) / 2
      assertEquals(0.25, result.loss(), EXACT);
      // 2 (s - y) s (1 - s) / 2 = -1/2 * 1/4 and 1/2 * 3/16
      assertArrayEquals(new double[] {-0.125, 0.09375, 0}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void aBatchWithoutALabelCostsNothing() {
    try (NDManager manager = Torch.manager()) {
      NDArray output = Torch.matrix(manager, new double[] {3, Double.POSITIVE_INFINITY});
      NDArray target = Torch.matrix(manager, new double[] {Double.NaN, 0});
      NDArray mask = Torch.matrix(manager, new double[] {0, 0});
      for (Head head : Head.values()) {
        var result =
            Torch.differentiate(
                () -> RewardRegressionLoss.loss(output, target, mask, head, 1), output);
        assertEquals(0, result.loss());
        assertArrayEquals(new double[] {0, 0}, result.gradients()[0]);
      }
    }
  }

  @Test
  void microBatchesSumToTheBatch() {
    try (NDManager manager = Torch.manager()) {
      double[][] rows = {{1, 2}, {3, -1}, {0.5, 0.5}};
      double[] label = {0.25, 1};
      double sum = 0;
      for (double[] row : rows) {
        sum += loss(manager, new double[][] {row}, label, 6);
      }
      assertEquals(loss(manager, rows, label, 6), sum, EXACT);
    }
  }

  private static double loss(NDManager manager, double[][] rows, double[] label, long total) {
    double[][] labels = new double[rows.length][];
    Arrays.fill(labels, label);
    NDArray output = Torch.matrix(manager, rows);
    return HostCopy.scalar(
        RewardRegressionLoss.loss(
            output, Torch.matrix(manager, labels), output.onesLike(), Head.LINEAR, total));
  }

  @Property(tries = 100)
  void theSigmoidHeadStaysFiniteForExtremeOutputs(
      @ForAll @DoubleRange(min = -1e30, max = 1e30) double output,
      @ForAll @DoubleRange(min = 0, max = 1) double label) {
    try (NDManager manager = Torch.manager()) {
      NDArray outputBK = manager.create(new float[] {(float) output}, new Shape(1, 1));
      NDArray labelBK = manager.create(new float[] {(float) label}, new Shape(1, 1));
      var result =
          Torch.differentiate(
              () ->
                  RewardRegressionLoss.loss(
                      outputBK, labelBK, outputBK.onesLike(), Head.SIGMOID, 1),
              outputBK);
      assertTrue(result.loss() >= 0 && result.loss() <= 1);
      assertTrue(Double.isFinite(result.gradients()[0][0]));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.ones(new Shape(1, 2));
      NDArray wide = manager.ones(new Shape(1, 3));
      assertRefused(
          "outputBK has shape (2), expected 2 axes (B, K)",
          () -> RewardRegressionLoss.loss(manager.ones(new Shape(2)), one, one, Head.LINEAR, 2));
      assertRefused(
          "targetBK has shape (1, 3), expected (1, 2) like outputBK",
          () -> RewardRegressionLoss.loss(one, wide, one, Head.LINEAR, 2));
      assertRefused(
          "maskBK has type float64, expected float32 like outputBK",
          () ->
              RewardRegressionLoss.loss(
                  one, one, one.toType(DataType.FLOAT64, true), Head.LINEAR, 2));
      assertRefused(
          "maskBT (1, 2) at row 0, column 0 is 2.0, expected 0 or 1",
          () -> RewardRegressionLoss.loss(one, one, one.add(1), Head.LINEAR, 2));
      assertRefused(
          "totalLabels is 1, expected at least 2, the number in this micro-batch",
          () -> RewardRegressionLoss.loss(one, one, one, Head.LINEAR, 1));
      NDArray bad = Torch.matrix(manager, new double[] {1, Double.NaN});
      assertRefused(
          "targetBK (1, 2) at index 1 is NaN, expected a finite number",
          () -> RewardRegressionLoss.loss(bad.onesLike(), bad, bad.onesLike(), Head.LINEAR, 2));
    }
  }
}

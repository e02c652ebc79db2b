package dev.troupe.algorithms.promptselection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LogisticRegressionTest {
  @Test
  void solvesEquationsWithASymmetricMatrix() {
    double[][] matrix = {{4, 2, -1}, {2, 5, 3}, {-1, 3, 6}};
    // 4 - 4 + (-3) = -3, 2 - 10 + 9 = 1, -1 - 6 + 18 = 11 for x = (1, -2, 3)
    assertArrayEquals(
        new double[] {1, -2, 3}, Cholesky.solve(matrix, new double[] {-3, 1, 11}), 1e-12);
  }

  @Property(tries = 30)
  void theFitIsWhereTheSlopeIsZeroAndNoNeighbourIsLower(
      @ForAll @IntRange(min = 0, max = 10_000) int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[12][];
    double[] outcomes = new double[12];
    for (int i = 0; i < 12; i++) {
      rows[i] = new double[] {1, random.nextDouble(-30, 30), random.nextDouble(-1, 1)};
      outcomes[i] = random.nextInt(2);
    }
    var regression = new LogisticRegression(rows, outcomes, 1e-4);
    double[] weights = regression.fit();
    for (double slope : regression.gradient(weights)) {
      assertEquals(0, slope, 1e-7);
    }
    for (int k = 0; k < 3; k++) {
      for (double move : new double[] {-1e-3, 1e-3}) {
        double[] moved = weights.clone();
        moved[k] += move;
        assertTrue(regression.value(moved) > regression.value(weights));
      }
    }
  }

  @Test
  void theGradientIsThatOfTheValue() {
    double[][] rows = {{1, 2}, {1, -3}, {1, 0.5}};
    var regression = new LogisticRegression(rows, new double[] {1, 0, 0}, 0.3);
    double[] weights = {0.2, -0.7};
    double[] gradient = regression.gradient(weights);
    double step = 1e-6;
    for (int k = 0; k < 2; k++) {
      double[] up = weights.clone();
      double[] down = weights.clone();
      up[k] += step;
      down[k] -= step;
      assertEquals((regression.value(up) - regression.value(down)) / (2 * step), gradient[k], 1e-8);
    }
  }
}

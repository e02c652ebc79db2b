package dev.troupe.algorithms.offpolicy;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.aggregation.ValidTokens;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection.Bound;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection.Level;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImportanceCorrectionTest {
  private static final double EXACT = 1e-12;
  private static final double NONE = Double.POSITIVE_INFINITY;

  /** Weights of token ratios 4, 1/2, 3, and of a row with one token of ratio 2, then padding. */
  private static double[] weights(Level level, Bound bound, double lower, double upper) {
    try (NDManager manager = Torch.manager()) {
      NDArray old =
          Torch.matrix(
              manager,
              new double[] {Math.log(4) - 7, Math.log(0.5), Math.log(3)},
              new double[] {Math.log(2), 0, 0});
      NDArray generator = Torch.matrix(manager, new double[] {-7, 0, 0}, new double[] {0, 0, 0});
      NDArray mask = Torch.matrix(manager, new double[] {1, 1, 1}, new double[] {1, 0, 0});
      return HostCopy.doubles(
          new ImportanceCorrection(level, bound, lower, upper)
              .weights(old, generator, ValidTokens.ofMask(mask)));
    }
  }

  @Test
  void tokenRatiosAreTruncatedOrMaskedOneByOne() {
    assertArrayEquals(
        new double[] {4, 0.5, 3, 2, 0, 0}, weights(Level.TOKEN, Bound.TRUNCATE, 0, NONE), EXACT);
    assertArrayEquals(
        new double[] {2.5, 0.75, 2.5, 2, 0, 0},
        weights(Level.TOKEN, Bound.TRUNCATE, 0.75, 2.5),
        EXACT);
    assertArrayEquals(
        new double[] {0, 0, 3, 2, 0, 0}, weights(Level.TOKEN, Bound.MASK, 0.75, 3.5), EXACT);
  }

  @Test
  void theProductOfARowCountsForAllItsTokens() {
    // 4 * 1/2 * 3 = 6, and 2
    assertArrayEquals(
        new double[] {6, 6, 6, 2, 0, 0},
        weights(Level.SEQUENCE_PRODUCT, Bound.TRUNCATE, 0, NONE),
        EXACT);
    assertArrayEquals(
        new double[] {3, 3, 3, 2, 0, 0},
        weights(Level.SEQUENCE_PRODUCT, Bound.TRUNCATE, 0, 3),
        EXACT);
    assertArrayEquals(
        new double[] {0, 0, 0, 2, 0, 0}, weights(Level.SEQUENCE_PRODUCT, Bound.MASK, 0, 3), EXACT);
  }

  @Test
  void theGeometricMeanOfARowIsOverItsOwnTokens() {
    double mean = Math.cbrt(6);
    assertArrayEquals(
        new double[] {mean, mean, mean, 2, 0, 0},
        weights(Level.SEQUENCE_GEOMETRIC_MEAN, Bound.TRUNCATE, 0, NONE),
        EXACT);
    assertArrayEquals(
        new double[] {mean, mean, mean, 0, 0, 0},
        weights(Level.SEQUENCE_GEOMETRIC_MEAN, Bound.MASK, 0, 1.9),
        EXACT);
  }

  @Test
  void boundsAreInclusive() {
    try (NDManager manager = Torch.manager()) {
      NDArray zero = Torch.matrix(manager, new double[] {0});
      ValidTokens valid = ValidTokens.ofMask(zero.onesLike());
      var exactlyOne = new ImportanceCorrection(Level.TOKEN, Bound.MASK, 1, 1);
      assertArrayEquals(new double[] {1}, HostCopy.doubles(exactlyOne.weights(zero, zero, valid)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theSamePolicyHasWeightsOfExactlyOneAndJunkDoesNotMatter(Level level) {
    try (NDManager manager = Torch.manager()) {
      NDArray logp =
          Torch.matrix(manager, new double[] {-0.1, -3.7, Double.NaN}, new double[] {-7, 1e9, 0});
      NDArray generator =
          Torch.matrix(manager, new double[] {-0.1, -3.7, 5}, new double[] {-7, Double.NaN, -1});
      NDArray mask = Torch.matrix(manager, new double[] {1, 1, 0}, new double[] {1, 0, 0});
      var correction = new ImportanceCorrection(level, Bound.MASK, 0.5, 2);
      assertArrayEquals(
          new double[] {1, 1, 0, 1, 0, 0},
          HostCopy.doubles(correction.weights(logp, generator, ValidTokens.ofMask(mask))));
    }
  }

  @ParameterizedTest
  @EnumSource
  void extremeDifferencesAreClampedBeforeTheyAreExponentiated(Level level) {
    try (NDManager manager = Torch.manager()) {
      NDArray high = manager.create(new float[] {0, 0}, new Shape(1, 2));
      NDArray low = manager.create(new float[] {-1e30f, -1e30f}, new Shape(1, 2));
      ValidTokens valid = ValidTokens.ofMask(high.onesLike());
      var correction = new ImportanceCorrection(level, Bound.TRUNCATE, 0, NONE);
      float clamped = (float) Math.exp(20);
      assertEquals(clamped, correction.weights(high, low, valid).getFloat(0, 0), clamped * 1e-6);
      assertEquals(Math.exp(-20), correction.weights(low, high, valid).getFloat(0, 1), 1e-14);
    }
  }

  @Test
  void itIsAConstant() {
    try (NDManager manager = Torch.manager()) {
      NDArray old = Torch.matrix(manager, new double[] {-1});
      NDArray generator = Torch.matrix(manager, new double[] {-2});
      old.setRequiresGradient(true);
      NDArray weights =
          ImportanceCorrection.truncated(2)
              .weights(old, generator, ValidTokens.ofMask(generator.onesLike()));
      assertFalse(weights.hasGradient());
    }
  }

  @Test
  void refusesBadInput() {
    assertRefused(
        "importance correction: level is missing, expected one of"
            + " [TOKEN, SEQUENCE_PRODUCT, SEQUENCE_GEOMETRIC_MEAN];"
            + " bound is missing, expected one of [TRUNCATE, MASK];"
            + " lower is -1.0, expected 0 or more;"
            + " upper is 0.0, expected a number above 0 and at least lower",
        () -> new ImportanceCorrection(null, null, -1, 0));
    assertRefused(
        "importance correction: upper is 1.0, expected a number above 0 and at least lower",
        () -> new ImportanceCorrection(Level.TOKEN, Bound.MASK, 2, 1));
    assertRefused(
        "importance correction: lower is Infinity, expected 0 or more",
        () -> new ImportanceCorrection(Level.TOKEN, Bound.MASK, NONE, NONE));
    assertRefused(
        "importance correction: upper is NaN, expected a number above 0 and at least lower",
        () -> ImportanceCorrection.truncated(Double.NaN));
    try (NDManager manager = Torch.manager()) {
      NDArray two = manager.ones(new Shape(1, 2));
      NDArray three = manager.ones(new Shape(1, 3));
      assertRefused(
          "generatorLogpBT has shape (1, 3), expected (1, 2) like oldLogpBT",
          () -> ImportanceCorrection.unbounded().weights(two, three, ValidTokens.ofMask(two)));
    }
  }
}

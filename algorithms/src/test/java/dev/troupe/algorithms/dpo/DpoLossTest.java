package dev.troupe.algorithms.dpo;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.testing.Torch;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;

class DpoLossTest {
  private static final double EXACT = 1e-12;
  private static final DpoSettings PLAIN = new DpoSettings(0.5, 0);

  @Test
  void aPolicyLikeItsReferencePaysLogTwoForEachPair() {
    try (NDManager manager = Torch.manager()) {
      NDArray chosen = Torch.vector(manager, -3, -8);
      NDArray rejected = Torch.vector(manager, -4, -1);
      NDArray refChosen = Torch.vector(manager, -3, -8);
      NDArray refRejected = Torch.vector(manager, -4, -1);
      var result =
          Torch.differentiate(
              () -> DpoLoss.loss(chosen, rejected, refChosen, refRejected, PLAIN, 2),
              chosen,
              rejected);
      assertEquals(Math.log(2), result.loss(), EXACT);
      // beta / pairs * -sigmoid(0) = 0.5 / 2 * -0.5
      assertArrayEquals(new double[] {-0.125, -0.125}, result.gradients()[0], EXACT);
      assertArrayEquals(new double[] {0.125, 0.125}, result.gradients()[1], EXACT);
    }
  }

  @Test
  void smoothingMixesInTheLossOfTheSwappedPair() {
    try (NDManager manager = Torch.manager()) {
      NDArray chosen = Torch.vector(manager, -2);
      NDArray rejected = Torch.vector(manager, -5);
      NDArray zero = Torch.vector(manager, 0);
      double plain = HostCopy.scalar(DpoLoss.loss(chosen, rejected, zero, zero, PLAIN, 1));
      double swapped = HostCopy.scalar(DpoLoss.loss(rejected, chosen, zero, zero, PLAIN, 1));
      double smooth =
          HostCopy.scalar(DpoLoss.loss(chosen, rejected, zero, zero, new DpoSettings(0.5, 0.2), 1));
      // h = 0.5 * 3
      assertEquals(Math.log1p(Math.exp(-1.5)), plain, EXACT);
      assertEquals(0.8 * plain + 0.2 * swapped, smooth, EXACT);
    }
  }

  @Test
  void lossesOfMicroBatchesSumToThatOfTheBatch() {
    try (NDManager manager = Torch.manager()) {
      NDArray chosen = Torch.vector(manager, -2, -1, -7);
      NDArray rejected = Torch.vector(manager, -5, -2, -3);
      NDArray zero = Torch.vector(manager, 0, 0, 0);
      double whole = HostCopy.scalar(DpoLoss.loss(chosen, rejected, zero, zero, PLAIN, 3));
      double parts = 0;
      for (String part : new String[] {"0:2", "2:3"}) {
        NDArray none = zero.get(part);
        parts +=
            HostCopy.scalar(
                DpoLoss.loss(chosen.get(part), rejected.get(part), none, none, PLAIN, 3));
      }
      assertEquals(whole, parts, EXACT);
    }
  }

  @Test
  void noPairsGiveZero() {
    try (NDManager manager = Torch.manager()) {
      NDArray none = manager.zeros(new Shape(0));
      assertEquals(0, HostCopy.scalar(DpoLoss.loss(none, none, none, none, PLAIN, 4)));
    }
  }

  @Property(tries = 100)
  void staysFiniteForExtremeLogProbabilities(
      @ForAll @FloatRange(min = -1e30f, max = 0) float chosenLogp,
      @ForAll @FloatRange(min = -1e30f, max = 0) float rejectedLogp) {
    try (NDManager manager = Torch.manager()) {
      NDArray chosen = manager.create(new float[] {chosenLogp});
      NDArray rejected = manager.create(new float[] {rejectedLogp});
      NDArray zero = manager.zeros(new Shape(1));
      var result =
          Torch.differentiate(
              () -> DpoLoss.loss(chosen, rejected, zero, zero, PLAIN, 1), chosen, rejected);
      assertTrue(Double.isFinite(result.loss()));
      assertTrue(Double.isFinite(result.gradients()[0][0]));
      assertTrue(Double.isFinite(result.gradients()[1][0]));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "DPO settings: beta is 0.0, expected a number above 0;"
            + " labelSmoothing is 0.5, expected a number in [0, 0.5)",
        () -> new DpoSettings(0, 0.5));
    try (NDManager manager = Torch.manager()) {
      NDArray two = manager.zeros(new Shape(2));
      NDArray one = manager.zeros(new Shape(1));
      NDArray matrix = manager.zeros(new Shape(2, 1));
      NDArray bad = manager.create(new float[] {0, Float.NaN});
      assertRefused(
          "chosenP has shape (2, 1), expected 1 axes (P)",
          () -> DpoLoss.loss(matrix, matrix, matrix, matrix, PLAIN, 2));
      assertRefused(
          "rejectedP has shape (1), expected (2) like chosenP",
          () -> DpoLoss.loss(two, one, two, two, PLAIN, 2));
      assertRefused(
          "refChosenP has shape (1), expected (2) like chosenP",
          () -> DpoLoss.loss(two, two, one, two, PLAIN, 2));
      assertRefused(
          "refChosenP (2) at index 1 is NaN, expected a finite number",
          () -> DpoLoss.loss(two, two, bad, two, PLAIN, 2));
      assertRefused(
          "refLogpP has shape (1), expected (2) like logpP",
          () -> DpoLoss.implicitReward(two, one, 0.1));
      assertRefused(
          "refRejectedP has shape (1), expected (2) like chosenP",
          () -> DpoLoss.loss(two, two, two, one, PLAIN, 2));
      assertRefused(
          "totalPairs is 1, expected at least 2, the number in this micro-batch",
          () -> DpoLoss.loss(two, two, two, two, PLAIN, 1));
    }
  }
}

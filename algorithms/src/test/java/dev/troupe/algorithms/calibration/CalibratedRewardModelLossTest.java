package dev.troupe.algorithms.calibration;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.reward.BradleyTerryLoss;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CalibratedRewardModelLossTest {
  private static final double EXACT = 1e-12;

  @Test
  void prefersConfidenceInTheChosenAndDoubtInTheRejectedAnswer() {
    try (NDManager manager = Torch.manager()) {
      NDArray[] r = columns(manager, new double[] {2, 0, 1, 0.5, 5, 7});
      var result =
          Torch.differentiate(
              () -> CalibratedRewardModelLoss.loss(rewards(r), CalibratedObjective.PAIRS, 2),
              Arrays.copyOf(r, 4));
      // (softplus(-(2 - 0)) + softplus(-(0.5 - 1))) / 2
      assertEquals(
          (Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(0.5))) / 2, result.loss(), EXACT);
      double chosen = 0.5 / (1 + Math.exp(2));
      double rejected = 0.5 / (1 + Math.exp(-0.5));
      double[] expected = {-chosen, chosen, rejected, -rejected};
      for (int i = 0; i < 4; i++) {
        assertArrayEquals(new double[] {expected[i]}, result.gradients()[i], EXACT);
      }
    }
  }

  @Test
  void combinedAddsTheOrdinaryPair() {
    try (NDManager manager = Torch.manager()) {
      NDArray[] r = columns(manager, new double[] {2, 0, 1, 0.5, 5, 7}, new double[6]);
      double added =
          value(r, CalibratedObjective.COMBINED, 2) - value(r, CalibratedObjective.PAIRS, 2);
      assertEquals(HostCopy.scalar(BradleyTerryLoss.loss(r[4], r[5], null, 0, 2)), added, EXACT);
    }
  }

  @Test
  void kWiseRanksAllFour() {
    try (NDManager manager = Torch.manager()) {
      // exponentials 4, 3, 1 (rejected high), 2 (rejected low): 4/10 * 3/6 * 2/3
      NDArray[] r = columns(manager, new double[] {Math.log(4), Math.log(3), 0, Math.log(2), 0, 0});
      assertEquals(Math.log(7.5), value(r, CalibratedObjective.K_WISE, 1), EXACT);
      var result =
          Torch.differentiate(
              () -> CalibratedRewardModelLoss.loss(rewards(r), CalibratedObjective.K_WISE, 2),
              Arrays.copyOf(r, 4));
      // half of 4/10 - 1, 3/10 + 3/6 - 1, 1/10 + 1/6 + 1/3, 2/10 + 2/6 + 2/3 - 1
      double[] expected = {-0.3, -0.1, 0.3, 0.1};
      for (int i = 0; i < 4; i++) {
        assertArrayEquals(new double[] {expected[i]}, result.gradients()[i], EXACT);
      }
    }
  }

  @Test
  void rewardsThatIgnoreTheConfidencePayLogTwoTwice() {
    try (NDManager manager = Torch.manager()) {
      NDArray[] r = columns(manager, new double[] {3, 3, -1, -1, 0, 0});
      assertEquals(2 * Math.log(2), value(r, CalibratedObjective.PAIRS, 1), EXACT);
    }
  }

  @Property(tries = 30)
  void theOrderOfPairsAndTheirDivisionDoNotMatter(@ForAll @IntRange(min = 1, max = 3) int cut) {
    double[][] pairs = {
      {2, 0, 1, 0.5, 5, 7}, {-1, 2, 0, 0, 1, 1}, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}, {9, 8, 7, 6, 5, 4}
    };
    try (NDManager manager = Torch.manager()) {
      for (CalibratedObjective objective : CalibratedObjective.values()) {
        double whole = value(columns(manager, pairs), objective, 4);
        double parts =
            value(columns(manager, Arrays.copyOfRange(pairs, cut, 4)), objective, 4)
                + value(columns(manager, Arrays.copyOf(pairs, cut)), objective, 4);
        assertEquals(whole, parts, EXACT);
      }
    }
  }

  @Property(tries = 60)
  void staysFiniteForExtremeRewards(
      @ForAll @FloatRange(min = -1e30f, max = 1e30f) float high,
      @ForAll @FloatRange(min = -1e30f, max = 1e30f) float low) {
    try (NDManager manager = Torch.manager()) {
      NDArray[] r = new NDArray[6];
      for (int i = 0; i < 6; i++) {
        r[i] = manager.create(new float[] {i % 2 == 0 ? high : low});
      }
      for (CalibratedObjective objective : CalibratedObjective.values()) {
        var result =
            Torch.differentiate(
                () -> CalibratedRewardModelLoss.loss(rewards(r), objective, 1),
                Arrays.copyOf(r, 4));
        assertTrue(Double.isFinite(result.loss()));
        for (double[] gradient : result.gradients()) {
          assertTrue(Double.isFinite(gradient[0]));
        }
      }
    }
  }

  @Test
  void noPairsGiveZero() {
    try (NDManager manager = Torch.manager()) {
      NDArray none = manager.zeros(new Shape(0));
      NDArray[] r = {none, none, none, none, none, none};
      for (CalibratedObjective objective : CalibratedObjective.values()) {
        assertEquals(0, value(r, objective, 3));
      }
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (NDManager manager = Torch.manager()) {
      NDArray two = manager.zeros(new Shape(2));
      NDArray one = manager.zeros(new Shape(1));
      NDArray bad = manager.create(new float[] {0, Float.NaN});
      var withoutPlain = new ConfidenceRewards(two, two, two, two, null, null);
      assertEquals(
          2 * Math.log(2),
          HostCopy.scalar(
              CalibratedRewardModelLoss.loss(withoutPlain, CalibratedObjective.PAIRS, 2)),
          1e-6);
      assertRefused(
          "chosenP is missing, expected rewards because the objective is COMBINED",
          () -> CalibratedRewardModelLoss.loss(withoutPlain, CalibratedObjective.COMBINED, 2));
      assertRefused(
          "rejectedLowP has shape (1), expected (2) like chosenHighP",
          () ->
              CalibratedRewardModelLoss.loss(
                  new ConfidenceRewards(two, two, two, one, null, null),
                  CalibratedObjective.K_WISE,
                  2));
      assertRefused(
          "rejectedHighP (2) at index 1 is NaN, expected a finite number",
          () ->
              CalibratedRewardModelLoss.loss(
                  new ConfidenceRewards(two, two, bad, two, null, null),
                  CalibratedObjective.PAIRS,
                  2));
      assertRefused(
          "totalPairs is 1, expected at least 2, the number in this micro-batch",
          () -> CalibratedRewardModelLoss.loss(withoutPlain, CalibratedObjective.K_WISE, 1));
      NDArray matrix = manager.zeros(new Shape(2, 1));
      assertRefused(
          "chosenHighP has shape (2, 1), expected 1 axes (P)",
          () ->
              CalibratedRewardModelLoss.loss(
                  new ConfidenceRewards(matrix, two, two, two, null, null),
                  CalibratedObjective.K_WISE,
                  2));
    }
  }

  /** The six rewards of each pair as six arrays over pairs. */
  private static NDArray[] columns(NDManager manager, double[]... pairs) {
    NDArray[] columns = new NDArray[6];
    for (int i = 0; i < 6; i++) {
      int column = i;
      columns[i] =
          Torch.vector(manager, Arrays.stream(pairs).mapToDouble(pair -> pair[column]).toArray());
    }
    return columns;
  }

  private static ConfidenceRewards rewards(NDArray[] r) {
    return new ConfidenceRewards(r[0], r[1], r[2], r[3], r[4], r[5]);
  }

  private static double value(NDArray[] r, CalibratedObjective objective, long totalPairs) {
    return HostCopy.scalar(CalibratedRewardModelLoss.loss(rewards(r), objective, totalPairs));
  }
}

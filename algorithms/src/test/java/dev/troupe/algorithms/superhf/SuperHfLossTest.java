package dev.troupe.algorithms.superhf;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.kl.VocabularyDivergence;
import dev.troupe.algorithms.sft.SftLoss;
import dev.troupe.algorithms.superhf.SuperHfSettings.Reduction;
import dev.troupe.algorithms.testing.Torch;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SuperHfLossTest {
  private static final double EXACT = 1e-12;
  private static final double NAN = Double.NaN;
  private static final double[][] LOGP = {{-1, -2, NAN}, {-3, NAN, NAN}, {NAN, NAN, NAN}};
  private static final double[][] KL = {{0.5, 0.25, NAN}, {0.75, NAN, NAN}, {NAN, NAN, NAN}};
  private static final double[][] MASK = {{1, 1, 0}, {1, 0, 0}, {0, 0, 0}};

  @Test
  void addsTheMeanDivergenceOfTheExamplesToTheMeanCrossEntropyOfTheTokens() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, LOGP);
      NDArray kl = Torch.matrix(manager, KL);
      NDArray mask = Torch.matrix(manager, MASK);
      var result =
          Torch.differentiate(
              () -> SuperHfLoss.loss(logp, kl, mask, SuperHfSettings.forward(0.6), 3, 3), logp, kl);
      // (1 + 2 + 3) / 3 + 0.6 * ((0.5 + 0.25) / 2 + 0.75 + 0) / 3
      assertEquals(2 + 0.6 * 1.125 / 3, result.loss(), EXACT);
      double third = 1.0 / 3;
      assertArrayEquals(
          new double[] {-third, -third, 0, -third, 0, 0, 0, 0, 0}, result.gradients()[0], EXACT);
      assertArrayEquals(
          new double[] {0.1, 0.1, 0, 0.2, 0, 0, 0, 0, 0}, result.gradients()[1], EXACT);
    }
  }

  @Test
  void theSumOverExamplesOfTheAuthorsIsAnOption() {
    // 2 + 0.6 * (0.375 + 0.75)
    assertEquals(2 + 0.6 * 1.125, value(settings(0.6, Reduction.SUM, 0)), EXACT);
  }

  @Test
  void theInversePenaltyPushesAwayFromCertainty() {
    try (NDManager manager = Torch.manager()) {
      assertEquals(2 + 0.5 / 2, value(settings(0, Reduction.MEAN, 0.5)), EXACT);
      NDArray logp = Torch.matrix(manager, new double[] {-2, -2});
      NDArray mask = logp.onesLike();
      var settings = settings(0, Reduction.MEAN, 0.5);
      var result =
          Torch.differentiate(() -> SuperHfLoss.loss(logp, null, mask, settings, 2, 1), logp);
      // -1/2 * (1 - 0.5 / 2^2)
      assertArrayEquals(new double[] {-0.4375, -0.4375}, result.gradients()[0], EXACT);
      NDArray certain = Torch.matrix(manager, new double[] {0, 0});
      var bounded =
          Torch.differentiate(() -> SuperHfLoss.loss(certain, null, mask, settings, 2, 1), certain);
      assertEquals(0.5 / SuperHfLoss.MIN_CROSS_ENTROPY, bounded.loss(), 1e-6);
      assertArrayEquals(new double[] {-0.5, -0.5}, bounded.gradients()[0], EXACT);
    }
  }

  @Test
  void withoutCoefficientItIsSupervisedFineTuning() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, LOGP);
      NDArray mask = Torch.matrix(manager, MASK);
      NDArray weight = manager.create(new double[] {1, 1, 0, 1, 0, 0, 0, 0, 0}, new Shape(3, 3));
      weight = weight.div(manager.create(3.0));
      assertEquals(
          HostCopy.scalar(SftLoss.loss(logp, weight)),
          HostCopy.scalar(SuperHfLoss.loss(logp, null, mask, SuperHfSettings.forward(0), 3, 3)),
          EXACT);
    }
  }

  @Test
  void aDivergenceThatRoundingMadeNegativeCountsAsZero() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-1}, new double[] {-1});
      NDArray kl = Torch.matrix(manager, new double[] {-0.5}, new double[] {0.25});
      NDArray mask = logp.onesLike();
      var result =
          Torch.differentiate(
              () -> SuperHfLoss.loss(logp, kl, mask, settings(1, Reduction.SUM, 0), 2, 2), kl);
      assertEquals(1.25, result.loss(), EXACT);
      assertArrayEquals(new double[] {0, 1}, result.gradients()[0]);
    }
  }

  @Test
  void lossesOfMicroBatchesSumToThatOfTheMiniBatch() {
    try (NDManager manager = Torch.manager()) {
      for (Reduction reduction : Reduction.values()) {
        SuperHfSettings settings = settings(0.6, reduction, 0);
        double parts = 0;
        for (int b = 0; b < 3; b++) {
          parts +=
              HostCopy.scalar(
                  SuperHfLoss.loss(
                      Torch.matrix(manager, LOGP[b]),
                      Torch.matrix(manager, KL[b]),
                      Torch.matrix(manager, MASK[b]),
                      settings,
                      3,
                      3));
        }
        assertEquals(value(settings), parts, EXACT);
      }
    }
  }

  @Test
  void isZeroWithoutTokens() {
    try (NDManager manager = Torch.manager()) {
      NDArray junk = Torch.matrix(manager, new double[] {NAN, NAN});
      NDArray mask = manager.zeros(new Shape(1, 2), junk.getDataType());
      SuperHfSettings settings = settings(0.5, Reduction.SUM, 0.5);
      assertEquals(0, HostCopy.scalar(SuperHfLoss.loss(junk, junk, mask, settings, 1, 1)));
    }
  }

  @Property(tries = 50)
  void neitherTheOrderOfRowsNorPaddingMatters(@ForAll @IntRange(min = 0, max = 4) int padding) {
    try (NDManager manager = Torch.manager()) {
      double[][] order = {LOGP[1], LOGP[2], LOGP[0]};
      double[][] klOrder = {KL[1], KL[2], KL[0]};
      double[][] maskOrder = {MASK[1], MASK[2], MASK[0]};
      SuperHfSettings settings = settings(0.6, Reduction.MEAN, 0.1);
      assertEquals(
          value(settings),
          HostCopy.scalar(
              SuperHfLoss.loss(
                  Torch.padded(manager, 3 + padding, NAN, order),
                  Torch.padded(manager, 3 + padding, NAN, klOrder),
                  Torch.padded(manager, 3 + padding, 0, maskOrder),
                  settings,
                  3,
                  3)),
          EXACT);
    }
  }

  @Property(tries = 100)
  void staysFiniteForExtremeValues(
      @ForAll @FloatRange(min = -1e30f, max = 0) float logpValue,
      @ForAll @FloatRange(min = -1, max = 1e30f) float klValue) {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = manager.create(new float[] {logpValue}, new Shape(1, 1));
      NDArray kl = manager.create(new float[] {klValue}, new Shape(1, 1));
      NDArray mask = manager.ones(new Shape(1, 1));
      SuperHfSettings settings = settings(0.35, Reduction.MEAN, 0.1);
      var result =
          Torch.differentiate(() -> SuperHfLoss.loss(logp, kl, mask, settings, 1, 1), logp, kl);
      assertTrue(Double.isFinite(result.loss()));
      assertTrue(Double.isFinite(result.gradients()[0][0]));
      assertTrue(Double.isFinite(result.gradients()[1][0]));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "SuperHF settings: klCoefficient is -1.0, expected 0 or more; reduction is missing,"
            + " expected one of [MEAN, SUM]; direction is missing, expected one of"
            + " [REFERENCE_TO_POLICY, POLICY_TO_REFERENCE]; inversePenalty is NaN, expected 0 or"
            + " more",
        () -> new SuperHfSettings(-1, null, null, NAN));
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.ones(new Shape(1, 2));
      NDArray zero = manager.zeros(new Shape(1, 2));
      NDArray wide = manager.zeros(new Shape(1, 3));
      SuperHfSettings forward = SuperHfSettings.forward(0.5);
      assertRefused(
          "divergenceBT is missing, expected the divergence REFERENCE_TO_POLICY because"
              + " klCoefficient is 0.5",
          () -> SuperHfLoss.loss(zero, null, one, forward, 2, 1));
      assertRefused(
          "divergenceBT has shape (1, 3), expected (1, 2) like logpBT",
          () -> SuperHfLoss.loss(zero, wide, one, forward, 2, 1));
      assertRefused(
          "maskBT has shape (1, 3), expected (1, 2) like logpBT",
          () -> SuperHfLoss.loss(zero, zero, wide, forward, 2, 1));
      assertRefused(
          "totalTokens is 1, expected at least 2, the number in this micro-batch",
          () -> SuperHfLoss.loss(zero, zero, one, forward, 1, 1));
      assertRefused(
          "totalExamples is 0, expected at least 1, the number in this micro-batch",
          () -> SuperHfLoss.loss(zero, zero, one, forward, 2, 0));
      assertRefused(
          "totalTokens is 3, expected 2, the number in this micro-batch, because inversePenalty is"
              + " 0.1: give the whole mini-batch at once",
          () -> SuperHfLoss.loss(zero, zero, one, settings(0, Reduction.MEAN, 0.1), 3, 2));
      NDArray bad = manager.create(new float[] {0, Float.NaN}, new Shape(1, 2));
      assertRefused(
          "divergenceBT (1, 2) at index 1 is NaN, expected a finite number",
          () -> SuperHfLoss.loss(zero, bad, one, forward, 2, 1));
      assertRefused(
          "logpBT (1, 2) at index 1 is NaN, expected a finite number",
          () -> SuperHfLoss.loss(bad, zero, one, forward, 2, 1));
    }
  }

  private static SuperHfSettings settings(double kl, Reduction reduction, double inverse) {
    return new SuperHfSettings(kl, reduction, VocabularyDivergence.REFERENCE_TO_POLICY, inverse);
  }

  private static double value(SuperHfSettings settings) {
    try (NDManager manager = Torch.manager()) {
      return HostCopy.scalar(
          SuperHfLoss.loss(
              Torch.matrix(manager, LOGP),
              Torch.matrix(manager, KL),
              Torch.matrix(manager, MASK),
              settings,
              3,
              3));
    }
  }
}

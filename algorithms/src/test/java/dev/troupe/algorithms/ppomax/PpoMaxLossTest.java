package dev.troupe.algorithms.ppomax;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
import dev.troupe.algorithms.ppo.ValueLoss;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class PpoMaxLossTest {
  private static final double EXACT = 1e-12;

  @Test
  void weighsEveryTerm() {
    try (NDManager manager = Torch.manager()) {
      NDArray policy = manager.create(2.0);
      NDArray value = manager.create(3.0);
      NDArray entropy = manager.create(5.0);
      NDArray pretrain = manager.create(7.0);
      var result =
          Torch.differentiate(
              () -> new LossWeights(0.5, 0.01, 0.1).total(policy, value, entropy, pretrain),
              policy,
              value,
              entropy,
              pretrain);
      // 2 + 1.5 + 0.05 + 0.7
      assertEquals(4.25, result.loss(), EXACT);
      double[] weights = {1, 0.5, 0.01, 0.1};
      for (int i = 0; i < weights.length; i++) {
        assertEquals(weights[i], result.gradients()[i][0], EXACT);
      }
    }
  }

  @Test
  void withEveryMeasureOffNothingIsLeftButPpoBitForBit() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-0.4, -1.2, -0.35});
      NDArray old = Torch.matrix(manager, new double[] {-0.7, -1.1, -0.4});
      double[][] advantages = {{0.37, -0.29, 0.2}};
      NDArray value = Torch.matrix(manager, new double[] {0.4, 0.15, 0.4});
      NDArray oldValue = Torch.matrix(manager, new double[] {0.1, 0.2, 0.3});
      NDArray target = Torch.matrix(manager, new double[] {0.46, 0.49, 0.495});
      NDArray weight = Torch.matrix(manager, new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0});
      NDArray advantage = Torch.matrix(manager, advantages);
      NDArray same = Torch.matrix(manager, new AdvantageClip(0).of(advantages));
      var ppo =
          Torch.differentiate(
              () ->
                  new ClippedSurrogate(0.2, 0.2, 0)
                      .perToken(logp, ClippedSurrogate.ratio(logp, old), advantage)
                      .mul(weight)
                      .sum()
                      .add(new ValueLoss(0.2).loss(value, oldValue, target, weight)),
              logp,
              value);
      var max =
          Torch.differentiate(
              () ->
                  LossWeights.ppo()
                      .total(
                          new ClippedSurrogate(0.2, 0.2, 0)
                              .perToken(logp, ClippedSurrogate.ratio(logp, old), same)
                              .mul(weight)
                              .sum(),
                          new ValueLoss(0.2).loss(value, oldValue, target, weight),
                          null,
                          null),
              logp,
              value);
      assertEquals(ppo.loss(), max.loss());
      assertArrayEquals(ppo.gradients()[0], max.gradients()[0], 0);
      assertArrayEquals(ppo.gradients()[1], max.gradients()[1], 0);
    }
  }

  @Test
  void theEntropyTermPullsTowardsItsTargetFromBothSides() {
    try (NDManager manager = Torch.manager()) {
      NDArray entropy = Torch.matrix(manager, new double[] {1, 3, Double.NaN});
      NDArray weight = Torch.matrix(manager, new double[] {0.5, 0.5, 0});
      EntropyTarget above = new EntropyTarget(5);
      var low = Torch.differentiate(() -> above.loss(entropy, weight, 2), entropy);
      // |2 - 5|, falling as the entropy rises
      assertEquals(3, low.loss(), EXACT);
      assertArrayEquals(new double[] {-0.5, -0.5, 0}, low.gradients()[0], EXACT);
      var high =
          Torch.differentiate(() -> new EntropyTarget(1.5).loss(entropy, weight, 2), entropy);
      assertEquals(0.5, high.loss(), EXACT);
      assertArrayEquals(new double[] {0.5, 0.5, 0}, high.gradients()[0], EXACT);
      var on = Torch.differentiate(() -> new EntropyTarget(2).loss(entropy, weight, 2), entropy);
      assertEquals(0, on.loss());
      assertArrayEquals(new double[] {0, 0, 0}, on.gradients()[0]);
    }
  }

  @Test
  void entropySharesOfMicroBatchesSumToTheTermOfTheBatch() {
    try (NDManager manager = Torch.manager()) {
      // One micro-batch lies above the target of 2, the batch below: |1.5 - 2|
      EntropyTarget target = new EntropyTarget(2);
      NDArray half = Torch.matrix(manager, new double[] {0.5});
      double sum =
          target.loss(Torch.matrix(manager, new double[] {2.5}), half, 1.5).getDouble()
              + target.loss(Torch.matrix(manager, new double[] {0.5}), half, 1.5).getDouble();
      assertEquals(0.5, sum, EXACT);
    }
  }

  @Test
  void aBatchWithoutTokensHasNoEntropyTerm() {
    try (NDManager manager = Torch.manager()) {
      NDArray entropy = Torch.matrix(manager, new double[] {Double.NaN});
      var result =
          Torch.differentiate(
              () -> new EntropyTarget(2).loss(entropy, entropy.zerosLike(), 0), entropy);
      assertEquals(0, result.loss(), 0.0);
      assertArrayEquals(new double[] {0}, result.gradients()[0]);
    }
  }

  @Test
  void clipsAdvantagesOnBothSides() {
    double[][] rows = {{1, -2, 0.5}, {}};
    assertArrayEquals(new double[][] {{0.75, -0.75, 0.5}, {}}, new AdvantageClip(0.75).of(rows));
    assertArrayEquals(rows, new AdvantageClip(0).of(rows));
    assertEquals(-2, rows[0][1]);
  }

  @Test
  void warmsUpFromAFloorAndDecaysWithTheRoot() {
    var schedule = new InverseSquareRootSchedule(20);
    assertEquals(0.1, schedule.multiplier(0));
    assertEquals(0.15, schedule.multiplier(3), EXACT);
    assertEquals(1, schedule.multiplier(20));
    assertEquals(0.5, schedule.multiplier(80), EXACT);
    assertEquals(1, new InverseSquareRootSchedule(1).multiplier(1));
  }

  @Test
  void refusesMissingTermsAndBadSettings() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.create(1.0);
      NDArray row = manager.create(new double[] {1});
      assertRefused(
          "valueLoss is missing, expected a scalar because its weight is 1.0",
          () -> LossWeights.ppo().total(one, null, null, null));
      assertRefused(
          "valueLoss has shape (1), expected () like policyLoss",
          () -> LossWeights.ppo().total(one, row, null, null));
      assertRefused(
          "PPO-max loss weights: value is -1.0, expected 0 or more; entropy is NaN, expected 0 or"
              + " more; pretrain is Infinity, expected 0 or more",
          () -> new LossWeights(-1, Double.NaN, Double.POSITIVE_INFINITY));
      NDArray grid = manager.ones(new Shape(1, 2));
      assertRefused(
          "weightBT has shape (1, 3), expected (1, 2) like entropyBT",
          () -> new EntropyTarget(1).loss(grid, manager.ones(new Shape(1, 3)), 1));
      assertRefused(
          "batchMean at index 0 is NaN, expected a finite number",
          () -> new EntropyTarget(1).loss(grid, grid, Double.NaN));
    }
    assertRefused(
        "target is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
        () -> new EntropyTarget(-1));
    assertRefused(
        "bound is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
        () -> new AdvantageClip(-1));
    assertRefused(
        "rows[0] at index 0 is NaN, expected a finite number",
        () -> new AdvantageClip(1).of(new double[][] {{Double.NaN}}));
    assertRefused("warmupSteps is 0, expected at least 1", () -> new InverseSquareRootSchedule(0));
    assertRefused(
        "step is -1, expected 0 or more", () -> new InverseSquareRootSchedule(1).multiplier(-1));
  }
}

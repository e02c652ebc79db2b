package dev.troupe.algorithms.policy;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.cispo.CispoLoss;
import dev.troupe.algorithms.grpo.GrpoSettings;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
import dev.troupe.algorithms.ppo.TokenRatio;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class PolicyLossTest {
  private static final double EXACT = 1e-12;
  private static final PolicyLoss PPO =
      new PolicyLoss(new TokenRatio(), new ClippedSurrogate(0.2, 0.2, 0), null, KlTerm.NONE);

  @Test
  void eachPartDoesItsShare() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-1});
      NDArray old = Torch.matrix(manager, new double[] {-1 - Math.log(2)});
      NDArray generator = Torch.matrix(manager, new double[] {-1 - Math.log(6)});
      NDArray reference = Torch.matrix(manager, new double[] {-4});
      PolicyBatch batch =
          new PolicyBatch(
              logp,
              old,
              reference,
              generator,
              Torch.matrix(manager, new double[] {5}),
              Torch.matrix(manager, new double[] {0.1}));
      PolicyLoss loss =
          new PolicyLoss(
              new TokenRatio(),
              new CispoLoss(0, 1.5),
              ImportanceCorrection.truncated(2),
              new KlTerm(KlEstimator.K2, 0.01));
      var result = Torch.differentiate(() -> loss.loss(batch), logp);
      // 0.1 * ( min(6 / 2, 2) * -(min(2, 1.5) * 5 * -1) + 0.01 * 3^2/2 )
      assertEquals(0.1 * (2 * 7.5 + 0.045), result.loss(), EXACT);
      assertArrayEquals(new double[] {0.1 * (-15 + 0.03)}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void aWeightedDivergenceIsMultipliedByTheRatioAndItsGradient() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {0});
      NDArray old = Torch.matrix(manager, new double[] {-Math.log(3)});
      NDArray reference = Torch.matrix(manager, new double[] {-2});
      PolicyBatch batch =
          PolicyBatch.of(logp, old, logp.zerosLike(), logp.onesLike()).withReference(reference);
      PolicyLoss loss = PPO.with(new KlTerm(KlEstimator.K2, 0.5, true));
      var result = Torch.differentiate(() -> loss.loss(batch), logp);
      // 0.5 * ratio 3 * 2^2/2; gradient 0.5 * (3 * 2 + 3 * 2)
      assertEquals(3, result.loss(), EXACT);
      assertArrayEquals(new double[] {6}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void dapoWithEqualClipsIsTokenMeanGrpoBitForBit() {
    GrpoSettings grpo = GrpoSettings.grpo();
    GrpoSettings dapo = GrpoSettings.dapo();
    GrpoSettings tokenMean =
        new GrpoSettings(
            grpo.clipLow(),
            dapo.clipHigh(),
            grpo.dualClip(),
            grpo.klEstimator(),
            0,
            Aggregation.TOKEN_MEAN,
            GroupAdvantage.normalised(),
            0);
    assertEquals(tokenMean, dapo);
    assertEquals(tokenMean.policyLoss(), dapo.policyLoss());
  }

  @Test
  void aDualClipOutOfReachAndADivergenceOfZeroChangeNoBit() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-0.3, -1.9, -0.8});
      NDArray old = Torch.matrix(manager, new double[] {-0.7, -1.8, -0.1});
      NDArray advantage = Torch.matrix(manager, new double[] {-0.3, -1, 2});
      NDArray weight = Torch.matrix(manager, new double[] {0.1, 0.2, 0.7});
      PolicyBatch batch = PolicyBatch.of(logp, old, advantage, weight);
      PolicyLoss dual =
          new PolicyLoss(
              new TokenRatio(),
              new ClippedSurrogate(0.2, 0.2, 100),
              null,
              new KlTerm(KlEstimator.K2, 0));
      var expected = Torch.differentiate(() -> PPO.loss(batch), logp);
      var actual = Torch.differentiate(() -> dual.loss(batch), logp);
      assertEquals(expected.loss(), actual.loss());
      assertArrayEquals(expected.gradients()[0], actual.gradients()[0]);
    }
  }

  @Test
  void keepsFloat32() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.ones(new Shape(1, 1));
      PolicyLoss loss =
          PPO.with(ImportanceCorrection.truncated(2)).with(new KlTerm(KlEstimator.K3_PLUS, 0.1));
      NDArray value = loss.loss(new PolicyBatch(one, one, one, one, one, one));
      assertEquals(DataType.FLOAT32, value.getDataType());
      assertEquals(new Shape(), value.getShape());
      assertEquals(-1f, value.getFloat());
    }
  }

  @Test
  void withReplacesOnePart() {
    KlTerm kl = new KlTerm(KlEstimator.K2, 0.1);
    Correction correction = ImportanceCorrection.truncated(2);
    assertEquals(
        new PolicyLoss(PPO.ratio(), PPO.surrogate(), correction, kl),
        PPO.with(kl).with(correction));
  }

  @Test
  void refusesBadInput() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = manager.ones(new Shape(1, 2));
      NDArray longer = manager.ones(new Shape(1, 3));
      assertRefused(
          "weightBT has shape (1, 3), expected (1, 2) like logpBT",
          () -> PPO.loss(PolicyBatch.of(one, one, one, longer)));
      assertRefused(
          "advantageBT has shape (1, 3), expected (1, 2) like the mask",
          () -> PPO.loss(PolicyBatch.of(one, one, longer, one)));
      assertRefused(
          "coefficient is -1.0, expected a number in [0.0, 1.7976931348623157E308]",
          () -> new KlTerm(KlEstimator.K2, -1));
    }
    assertThrows(NullPointerException.class, () -> new KlTerm(null, 1));
    assertThrows(
        NullPointerException.class, () -> new PolicyLoss(null, PPO.surrogate(), null, KlTerm.NONE));
    assertThrows(
        NullPointerException.class, () -> new PolicyLoss(PPO.ratio(), null, null, KlTerm.NONE));
    assertThrows(
        NullPointerException.class, () -> new PolicyLoss(PPO.ratio(), PPO.surrogate(), null, null));
  }
}

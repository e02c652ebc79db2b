package dev.troupe.algorithms.offpolicy;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection.Bound;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection.Level;
import dev.troupe.algorithms.policy.KlTerm;
import dev.troupe.algorithms.policy.PolicyBatch;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
import dev.troupe.algorithms.ppo.TokenRatio;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class DecoupledPpoTest {
  private static final double EXACT = 1e-12;
  private static final double NAN = Double.NaN;
  private static final ClippedSurrogate CLIP = new ClippedSurrogate(0.2, 0.2, 0);

  @Test
  void weighsTheSurrogateByTheBehaviourAndNothingElse() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {Math.log(1.1), Math.log(1.5), NAN});
      NDArray proximal = Torch.matrix(manager, new double[] {0, 0, NAN});
      NDArray behaviour = Torch.matrix(manager, new double[] {-Math.log(6), -Math.log(2), NAN});
      NDArray advantage = Torch.matrix(manager, new double[] {1, -1, NAN});
      NDArray weight = Torch.matrix(manager, new double[] {0.5, 0.5, 0});
      PolicyBatch batch =
          PolicyBatch.of(logp, proximal, advantage, weight).withGenerator(behaviour);
      var capped = ImportanceCorrection.truncated(DecoupledPpo.AREAL_CAP);
      var result = Torch.differentiate(() -> DecoupledPpo.of(CLIP, capped).loss(batch), logp);
      // w 6 is capped at 5, w is 2; surrogates -1.1 and 1.5
      assertEquals(0.5 * (5 * -1.1 + 2 * 1.5), result.loss(), EXACT);
      assertArrayEquals(new double[] {-2.75, 1.5, 0}, result.gradients()[0], EXACT);

      var masked = new ImportanceCorrection(Level.TOKEN, Bound.MASK, 0, DecoupledPpo.AREAL_CAP);
      var without = Torch.differentiate(() -> DecoupledPpo.of(CLIP, masked).loss(batch), logp);
      // token 0 is gone, but the denominator is still 2
      assertEquals(0.5 * 2 * 1.5, without.loss(), EXACT);
      assertArrayEquals(new double[] {0, 1.5, 0}, without.gradients()[0], EXACT);
    }
  }

  @Test
  void aMaskedTokenKeepsItsDivergence() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {0});
      NDArray behaviour = Torch.matrix(manager, new double[] {-3});
      NDArray reference = Torch.matrix(manager, new double[] {-2});
      PolicyBatch batch =
          PolicyBatch.of(logp, logp.zerosLike(), logp.onesLike(), logp.onesLike())
              .withGenerator(behaviour)
              .withReference(reference);
      PolicyLoss loss =
          DecoupledPpo.of(CLIP, new ImportanceCorrection(Level.TOKEN, Bound.MASK, 0, 2))
              .with(new KlTerm(KlEstimator.K2, 0.5));
      var result = Torch.differentiate(() -> loss.loss(batch), logp);
      // 0.5 * 2^2/2
      assertEquals(1, result.loss(), EXACT);
      assertArrayEquals(new double[] {1}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void aBehaviourThatIsTheProximalPolicyMakesItPpoBitForBit() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-0.3, -1.9}, new double[] {-2.2, -0.4});
      NDArray old = Torch.matrix(manager, new double[] {-0.7, -1.8}, new double[] {-1.1, -0.3});
      NDArray advantage = Torch.matrix(manager, new double[] {0.3, -1}, new double[] {-0.7, 0.9});
      NDArray weight = Torch.matrix(manager, new double[] {0.1, 0.2}, new double[] {0.3, 0.4});
      PolicyBatch batch = PolicyBatch.of(logp, old, advantage, weight);
      PolicyLoss ppo = new PolicyLoss(new TokenRatio(), CLIP, null, KlTerm.NONE);
      var expected = Torch.differentiate(() -> ppo.loss(batch), logp);
      for (Level level : Level.values()) {
        PolicyLoss decoupled =
            DecoupledPpo.of(CLIP, new ImportanceCorrection(level, Bound.TRUNCATE, 0, 5));
        var actual = Torch.differentiate(() -> decoupled.loss(batch.withGenerator(old)), logp);
        assertEquals(expected.loss(), actual.loss());
        assertArrayEquals(expected.gradients()[0], actual.gradients()[0]);
      }
    }
  }

  @Test
  void refusesAMissingOrBrokenGenerator() {
    try (NDManager manager = Torch.manager()) {
      NDArray one = Torch.matrix(manager, new double[] {1});
      NDArray bad = Torch.matrix(manager, new double[] {Double.NEGATIVE_INFINITY});
      PolicyLoss loss = DecoupledPpo.of(CLIP, ImportanceCorrection.unbounded());
      PolicyBatch batch = PolicyBatch.of(one, one, one, one);
      assertRefused(
          "generatorLogpBT is missing, expected log-probabilities of a generator because the loss"
              + " has a correction",
          () -> loss.loss(batch));
      assertRefused(
          "generatorLogpBT (1, 1) at index 0 is -Infinity, expected a finite number",
          () -> loss.loss(batch.withGenerator(bad)));
    }
  }
}

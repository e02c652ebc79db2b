package dev.troupe.algorithms.gspo;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.aggregation.ValidTokens;
import dev.troupe.algorithms.policy.KlTerm;
import dev.troupe.algorithms.policy.PolicyBatch;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
import dev.troupe.algorithms.ppo.TokenRatio;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class GspoLossTest {
  private static final double EXACT = 1e-12;
  private static final double NAN = Double.NaN;
  private static final double LOG2 = Math.log(2);

  @Test
  void clipsTheGeometricMeanOfTheRatiosAndSpreadsTheGradient() {
    try (NDManager manager = Torch.manager()) {
      // geometric means 2 (of 1 and 4) and 1/2 (of 1/2 alone)
      NDArray logp = Torch.matrix(manager, new double[] {0, 2 * LOG2}, new double[] {-LOG2, NAN});
      NDArray old = Torch.matrix(manager, new double[] {0, 0}, new double[] {0, NAN});
      NDArray advantage = Torch.matrix(manager, new double[] {-1, -1}, new double[] {3, NAN});
      // means over two responses of means over their tokens
      NDArray weight = Torch.matrix(manager, new double[] {0.25, 0.25}, new double[] {0.5, 0});
      PolicyBatch batch = PolicyBatch.of(logp, old, advantage, weight);
      var result = Torch.differentiate(() -> GspoLoss.of(0.6, 0.2).loss(batch), logp);
      // row 0: -min(-2, -1.2) = 2     row 1: -min(1.5, 1.5) = -1.5
      assertEquals((2 - 1.5) / 2, result.loss(), EXACT);
      // -s A / n / rows: 2 / 2 / 2, and -1.5 / 1 / 2
      assertArrayEquals(new double[] {0.5, 0.5, -0.75, 0}, result.gradients()[0], EXACT);

      // row 1 is clipped from below only where that is the smaller gain, with a bad advantage
      NDArray bad = Torch.matrix(manager, new double[] {1, 1}, new double[] {-3, NAN});
      var clipped =
          Torch.differentiate(
              () -> GspoLoss.of(0.3, 0.2).loss(PolicyBatch.of(logp, old, bad, weight)), logp);
      // -min(2, 1.2) and -min(-1.5, -0.7 * 3)
      assertEquals((-1.2 + 2.1) / 2, clipped.loss(), EXACT);
      assertArrayEquals(new double[4], clipped.gradients()[0], EXACT);
    }
  }

  @Test
  void responsesOfOneTokenMakeItPpoBitForBit() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {-0.3, NAN}, new double[] {-1.7, NAN});
      NDArray old = Torch.matrix(manager, new double[] {-0.7, NAN}, new double[] {-1.1, NAN});
      NDArray advantage = Torch.matrix(manager, new double[] {-0.9, NAN}, new double[] {1.3, NAN});
      NDArray weight = Torch.matrix(manager, new double[] {0.5, 0}, new double[] {0.5, 0});
      PolicyBatch batch = PolicyBatch.of(logp, old, advantage, weight);
      PolicyLoss ppo =
          new PolicyLoss(new TokenRatio(), new ClippedSurrogate(0.2, 0.3, 0), null, KlTerm.NONE);
      var expected = Torch.differentiate(() -> ppo.loss(batch), logp);
      var actual = Torch.differentiate(() -> GspoLoss.of(0.2, 0.3).loss(batch), logp);
      assertEquals(expected.loss(), actual.loss());
      assertArrayEquals(expected.gradients()[0], actual.gradients()[0]);
    }
  }

  @Test
  void noTokensAreNoLossAndHaveARatioOfOne() {
    try (NDManager manager = Torch.manager()) {
      NDArray junk = Torch.matrix(manager, new double[] {NAN, NAN});
      NDArray none = Torch.matrix(manager, new double[] {0, 0});
      PolicyBatch batch = PolicyBatch.of(junk, none, junk, none);
      var result =
          Torch.differentiate(
              () -> GspoLoss.of(GspoLoss.CLIP_LOW, GspoLoss.CLIP_HIGH).loss(batch), junk);
      assertEquals(0, result.loss());
      assertArrayEquals(new double[2], result.gradients()[0]);
      NDArray ratio = new SequenceRatio().of(none, none.onesLike(), ValidTokens.ofMask(none));
      assertArrayEquals(new double[] {1, 1}, ratio.toDoubleArray());
    }
  }

  @Test
  void theExponentIsClamped() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {0, 0}, new double[] {-500, -500});
      NDArray old = Torch.matrix(manager, new double[] {-500, -500}, new double[] {0, 0});
      NDArray ratio = new SequenceRatio().of(logp, old, ValidTokens.ofMask(logp.onesLike()));
      assertEquals(Math.exp(20), ratio.getDouble(0, 1), Math.exp(20) * EXACT);
      assertEquals(Math.exp(-20), ratio.getDouble(1, 0), EXACT);
    }
  }

  @Test
  void refusesAdvantagesThatDifferWithinAResponse() {
    try (NDManager manager = Torch.manager()) {
      NDArray zero = Torch.matrix(manager, new double[] {0, 0}, new double[] {0, 0});
      NDArray advantage = Torch.matrix(manager, new double[] {1, 1}, new double[] {2, 3});
      PolicyBatch batch = PolicyBatch.of(zero, zero, advantage, zero.onesLike());
      assertRefused(
          "advantageBT at row 1 is 2.0 and 3.0, expected one advantage for the whole response"
              + " because the ratio is that of the sequence",
          () -> GspoLoss.of(0.2, 0.2).loss(batch));
      NDArray first = Torch.matrix(manager, new double[] {1, 2}, new double[] {2, 2});
      assertRefused(
          "advantageBT at row 0 is 1.0 and 2.0, expected one advantage for the whole response"
              + " because the ratio is that of the sequence",
          () -> GspoLoss.of(0.2, 0.2).loss(PolicyBatch.of(zero, zero, first, zero.onesLike())));
    }
  }

  @Test
  void refusesShapesThatWouldBroadcast() {
    try (NDManager manager = Torch.manager()) {
      NDArray two = Torch.matrix(manager, new double[] {1, 1});
      NDArray one = Torch.matrix(manager, new double[] {1});
      assertRefused(
          "oldLogpBT has shape (1, 1), expected (1, 2) like logpBT",
          () -> new SequenceRatio().of(two, one, ValidTokens.ofMask(two)));
    }
  }
}

package dev.troupe.algorithms.kl;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.testing.Torch;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class VocabularyDivergenceTest {
  private static final double EXACT = 1e-12;

  @Test
  void theTwoDirectionsDiffer() {
    try (NDManager manager = Torch.manager()) {
      NDArray policy = logp(manager, 0.5, 0.5);
      NDArray reference = logp(manager, 0.75, 0.25);
      // 0.75 ln(0.75 / 0.5) + 0.25 ln(0.25 / 0.5)
      assertEquals(
          0.75 * Math.log(1.5) + 0.25 * Math.log(0.5),
          value(VocabularyDivergence.REFERENCE_TO_POLICY, policy, reference),
          EXACT);
      // 0.5 ln(0.5 / 0.75) + 0.5 ln(0.5 / 0.25)
      assertEquals(
          0.5 * Math.log(2.0 / 3) + 0.5 * Math.log(2),
          value(VocabularyDivergence.POLICY_TO_REFERENCE, policy, reference),
          EXACT);
    }
  }

  @Test
  void theGradientOfTheForwardDirectionAtTheLogitsIsPolicyMinusReference() {
    try (NDManager manager = Torch.manager()) {
      NDArray logits = manager.create(new double[] {0, 0}, new Shape(1, 1, 2));
      NDArray reference = logp(manager, 0.75, 0.25);
      var result =
          Torch.differentiate(
              () ->
                  VocabularyDivergence.REFERENCE_TO_POLICY
                      .perPosition(logits.logSoftmax(2), reference)
                      .sum(),
              logits);
      assertArrayEquals(new double[] {0.5 - 0.75, 0.5 - 0.25}, result.gradients()[0], EXACT);
    }
  }

  @Test
  void noGradientReachesTheReference() {
    try (NDManager manager = Torch.manager()) {
      NDArray policy = logp(manager, 0.5, 0.5);
      NDArray reference = logp(manager, 0.75, 0.25);
      for (VocabularyDivergence divergence : VocabularyDivergence.values()) {
        var result =
            Torch.differentiate(
                () -> divergence.perPosition(policy, reference).sum(), policy, reference);
        assertArrayEquals(new double[] {0, 0}, result.gradients()[1]);
      }
    }
  }

  @Test
  void aTokenThatNeitherModelCanSayCountsNothing() {
    try (NDManager manager = Torch.manager()) {
      double never = Double.NEGATIVE_INFINITY;
      NDArray policy =
          manager.create(new double[] {Math.log(0.5), Math.log(0.5), never}, new Shape(1, 1, 3));
      NDArray reference =
          manager.create(new double[] {Math.log(0.75), Math.log(0.25), never}, new Shape(1, 1, 3));
      for (VocabularyDivergence divergence : VocabularyDivergence.values()) {
        var result =
            Torch.differentiate(() -> divergence.perPosition(policy, reference).sum(), policy);
        assertEquals(
            value(divergence, logp(manager, 0.5, 0.5), logp(manager, 0.75, 0.25)),
            result.loss(),
            EXACT);
        assertEquals(0, result.gradients()[0][2]);
        assertTrue(Arrays.stream(result.gradients()[0]).allMatch(Double::isFinite));
      }
    }
  }

  @Property(tries = 100)
  void isFiniteAndNotNegativeForExtremeLogits(
      @ForAll @Size(4) float[] policy, @ForAll @FloatRange(min = -1e4f, max = 1e4f) float other) {
    try (NDManager manager = Torch.manager()) {
      float[] bounded = new float[4];
      for (int v = 0; v < 4; v++) {
        bounded[v] = Float.isFinite(policy[v]) ? Math.max(-1e4f, Math.min(1e4f, policy[v])) : 0;
      }
      NDArray logits = manager.create(bounded, new Shape(1, 1, 4));
      NDArray reference =
          manager.create(new float[] {other, 0, -other, 1}, new Shape(1, 1, 4)).logSoftmax(2);
      for (VocabularyDivergence divergence : VocabularyDivergence.values()) {
        var result =
            Torch.differentiate(
                () -> divergence.perPosition(logits.logSoftmax(2), reference).sum(), logits);
        assertTrue(Double.isFinite(result.loss()) && result.loss() > -1e-5, "" + result.loss());
        assertTrue(Arrays.stream(result.gradients()[0]).allMatch(Double::isFinite));
      }
    }
  }

  @Test
  void refusesUnequalVocabularies() {
    try (NDManager manager = Torch.manager()) {
      assertRefused(
          "refLogpBTV has shape (1, 1, 3), expected (1, 1, 2) like logpBTV",
          () ->
              VocabularyDivergence.REFERENCE_TO_POLICY.perPosition(
                  manager.zeros(new Shape(1, 1, 2)), manager.zeros(new Shape(1, 1, 3))));
      assertRefused(
          "logpBTV has shape (1, 2), expected 3 axes (B, T, V)",
          () ->
              VocabularyDivergence.POLICY_TO_REFERENCE.perPosition(
                  manager.zeros(new Shape(1, 2)), manager.zeros(new Shape(1, 2))));
    }
  }

  private static NDArray logp(NDManager manager, double... probabilities) {
    return manager.create(
        Arrays.stream(probabilities).map(Math::log).toArray(),
        new Shape(1, 1, probabilities.length));
  }

  private static double value(VocabularyDivergence divergence, NDArray policy, NDArray reference) {
    return HostCopy.scalar(divergence.perPosition(policy, reference).sum());
  }
}

package dev.troupe.algorithms.policy;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.grpo.GrpoSettings;
import dev.troupe.algorithms.gspo.GspoLoss;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class PolicyMetricsTest {
  private static final double EXACT = 1e-12;
  private static final double NAN = Double.NaN;
  private static final double LOG2 = Math.log(2);
  private static final PolicyLoss GRPO = GrpoSettings.grpo().policyLoss();

  @Test
  void averagesOverTheTokensThatCount() {
    try (NDManager manager = Torch.manager()) {
      PolicyMetrics metrics = first(manager);
      assertEquals(2, metrics.tokens());
      // ratios 2 (clipped, A > 0) and 1
      assertEquals(0.5, metrics.clipFraction());
      assertEquals(1.5, metrics.meanRatio(), EXACT);
      // from old to new: ratio - log ratio - 1 = 1 - log 2, and 0
      assertEquals((1 - LOG2) / 2, metrics.meanOldKlK3(), EXACT);
      // log-ratios to the reference: log 2 and -log 2
      assertEquals(0, metrics.meanRefKlK1(), EXACT);
      // (0.5 + log 2 - 1) and (2 - log 2 - 1)
      assertEquals((LOG2 - 0.5 + 1 - LOG2) / 2, metrics.meanRefKlK3(), EXACT);
      assertEquals(1, metrics.meanCorrection());
    }
  }

  @Test
  void combinesMicroBatchesByTheirTokens() {
    try (NDManager manager = Torch.manager()) {
      NDArray zero = Torch.matrix(manager, new double[] {0, 0, 0, 0});
      NDArray one = Torch.matrix(manager, new double[] {1, 1, 1, 1});
      PolicyMetrics second = PolicyMetrics.of(PolicyBatch.of(zero, zero, one, one), GRPO);
      PolicyMetrics both = first(manager).and(second);
      assertEquals(6, both.tokens());
      assertEquals(1.0 / 6, both.clipFraction(), EXACT);
      assertEquals((2 + 1 + 4) / 6.0, both.meanRatio(), EXACT);
      assertEquals((1 - LOG2) / 6, both.meanOldKlK3(), EXACT);
      assertEquals(0.5 / 6, both.meanRefKlK3(), EXACT);
      assertEquals(1, both.meanCorrection(), EXACT);
      assertEquals(first(manager), first(manager).and(PolicyMetrics.NONE));
      assertEquals(PolicyMetrics.NONE, PolicyMetrics.NONE.and(PolicyMetrics.NONE));
    }
  }

  @Test
  void theMeansOfTwoMicroBatchesAreWeighedByTheirTokens() {
    PolicyMetrics one = new PolicyMetrics(1, 0.1, 2, 3, 4, 5, 6);
    PolicyMetrics three = new PolicyMetrics(3, 0.5, 10, 11, 12, 13, 14);
    PolicyMetrics both = one.and(three);
    // a quarter of the first and three quarters of the second
    assertEquals(4, both.tokens());
    assertEquals(0.4, both.clipFraction(), EXACT);
    assertEquals(8, both.meanRatio(), EXACT);
    assertEquals(9, both.meanOldKlK3(), EXACT);
    assertEquals(10, both.meanRefKlK1(), EXACT);
    assertEquals(11, both.meanRefKlK3(), EXACT);
    assertEquals(12, both.meanCorrection(), EXACT);
  }

  @Test
  void theDivergenceToTheReferenceIsThatOfThePolicy() {
    try (NDManager manager = Torch.manager()) {
      NDArray logp = Torch.matrix(manager, new double[] {0, 0});
      NDArray reference = Torch.matrix(manager, new double[] {-LOG2, -LOG2});
      PolicyMetrics metrics =
          PolicyMetrics.of(
              PolicyBatch.of(logp, reference, logp, logp.onesLike()).withReference(reference),
              GRPO);
      assertEquals(LOG2, metrics.meanRefKlK1(), EXACT);
      // exp(-log 2) + log 2 - 1 for the reference; exp(log 2) - log 2 - 1 for the old policy
      assertEquals(LOG2 - 0.5, metrics.meanRefKlK3(), EXACT);
      assertEquals(1 - LOG2, metrics.meanOldKlK3(), EXACT);
    }
  }

  @Test
  void refusesOtherShapes() {
    try (NDManager manager = Torch.manager()) {
      NDArray two = Torch.matrix(manager, new double[] {1, 1});
      NDArray one = Torch.matrix(manager, new double[] {1});
      assertRefused(
          "oldLogpBT has shape (1, 1), expected (1, 2) like logpBT",
          () -> PolicyMetrics.of(PolicyBatch.of(two, one, two, two), GRPO));
      assertRefused(
          "advantageBT has shape (1, 1), expected (1, 2) like logpBT",
          () -> PolicyMetrics.of(PolicyBatch.of(two, two, one, two), GRPO));
      assertRefused(
          "weightBT has shape (1, 1), expected (1, 2) like logpBT",
          () -> PolicyMetrics.of(PolicyBatch.of(two, two, two, one), GRPO));
      assertRefused(
          "refLogpBT has shape (1, 1), expected (1, 2) like logpBT",
          () -> PolicyMetrics.of(PolicyBatch.of(two, two, two, two).withReference(one), GRPO));
    }
  }

  @Test
  void noTokensGiveZeros() {
    try (NDManager manager = Torch.manager()) {
      NDArray junk = Torch.matrix(manager, new double[] {NAN, NAN});
      NDArray weight = Torch.matrix(manager, new double[] {0, 0});
      assertEquals(
          PolicyMetrics.NONE,
          PolicyMetrics.of(PolicyBatch.of(junk, junk, junk, weight).withReference(junk), GRPO));
    }
  }

  @Test
  void asksTheLossForItsRatioItsClipAndItsCorrection() {
    try (NDManager manager = Torch.manager()) {
      PolicyBatch batch =
          PolicyBatch.of(
                  Torch.matrix(manager, new double[] {LOG2, 0, NAN}),
                  Torch.matrix(manager, new double[] {0, 0, NAN}),
                  Torch.matrix(manager, new double[] {1, 1, NAN}),
                  Torch.matrix(manager, new double[] {0.1, 0.9, 0}))
              .withGenerator(Torch.matrix(manager, new double[] {-Math.log(5), -LOG2, NAN}));
      PolicyMetrics metrics =
          PolicyMetrics.of(batch, GspoLoss.of(0.2, 0.2).with(ImportanceCorrection.truncated(3)));
      // one ratio for the row, the geometric mean of 2 and 1
      assertEquals(Math.sqrt(2), metrics.meanRatio(), EXACT);
      assertEquals(1, metrics.clipFraction());
      // ratios to the generator: 5, cut to 3, and 2
      assertEquals(2.5, metrics.meanCorrection(), EXACT);
      assertEquals(0, metrics.meanRefKlK1());
      assertEquals(0, metrics.meanRefKlK3());
    }
  }

  private static PolicyMetrics first(NDManager manager) {
    NDArray advantage = Torch.matrix(manager, new double[] {1, 1, NAN});
    return PolicyMetrics.of(
        PolicyBatch.of(
                Torch.matrix(manager, new double[] {LOG2, 0, NAN}),
                Torch.matrix(manager, new double[] {0, 0, NAN}),
                advantage,
                Torch.matrix(manager, new double[] {0.1, 0.9, 0}))
            .withReference(Torch.matrix(manager, new double[] {0, LOG2, NAN})),
        GRPO);
  }
}

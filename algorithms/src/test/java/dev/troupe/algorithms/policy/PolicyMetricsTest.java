package dev.troupe.algorithms.grpo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class GrpoMetricsTest {
  private static final double EXACT = 1e-12;
  private static final double NAN = Double.NaN;
  private static final double LOG2 = Math.log(2);

  @Test
  void averagesOverTheTokensThatCount() {
    try (NDManager manager = Torch.manager()) {
      GrpoMetrics metrics = first(manager);
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
    }
  }

  @Test
  void combinesMicroBatchesByTheirTokens() {
    try (NDManager manager = Torch.manager()) {
      NDArray zero = Torch.matrix(manager, new double[] {0, 0, 0, 0});
      NDArray one = Torch.matrix(manager, new double[] {1, 1, 1, 1});
      GrpoMetrics second = GrpoMetrics.of(zero, zero, null, one, one, GrpoSettings.grpo());
      GrpoMetrics both = first(manager).and(second);
      assertEquals(6, both.tokens());
      assertEquals(1.0 / 6, both.clipFraction(), EXACT);
      assertEquals((2 + 1 + 4) / 6.0, both.meanRatio(), EXACT);
      assertEquals(first(manager), first(manager).and(GrpoMetrics.NONE));
      assertEquals(GrpoMetrics.NONE, GrpoMetrics.NONE.and(GrpoMetrics.NONE));
    }
  }

  @Test
  void noTokensGiveZeros() {
    try (NDManager manager = Torch.manager()) {
      NDArray junk = Torch.matrix(manager, new double[] {NAN, NAN});
      NDArray weight = Torch.matrix(manager, new double[] {0, 0});
      assertEquals(
          GrpoMetrics.NONE, GrpoMetrics.of(junk, junk, junk, junk, weight, GrpoSettings.grpo()));
    }
  }

  private static GrpoMetrics first(NDManager manager) {
    return GrpoMetrics.of(
        Torch.matrix(manager, new double[] {LOG2, 0, NAN}),
        Torch.matrix(manager, new double[] {0, 0, NAN}),
        Torch.matrix(manager, new double[] {0, LOG2, NAN}),
        Torch.matrix(manager, new double[] {1, 1, NAN}),
        Torch.matrix(manager, new double[] {0.1, 0.9, 0}),
        GrpoSettings.grpo());
  }
}

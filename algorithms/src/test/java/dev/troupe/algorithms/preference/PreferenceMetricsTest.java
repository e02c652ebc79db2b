package dev.troupe.algorithms.preference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.algorithms.testing.Torch;
import org.junit.jupiter.api.Test;

class PreferenceMetricsTest {
  private static final double EXACT = 1e-12;

  @Test
  void aTieIsAMiss() {
    try (NDManager manager = Torch.manager()) {
      PreferenceMetrics metrics =
          PreferenceMetrics.of(
              Torch.vector(manager, 2, 0, 1, 5), Torch.vector(manager, 1, 3, 1, 1));
      assertEquals(new PreferenceMetrics(4, 0.5, 2, 1.5), metrics);
      assertEquals(0.5, metrics.meanMargin(), EXACT);
    }
  }

  @Test
  void combinesMicroBatchesByTheirPairs() {
    PreferenceMetrics both =
        new PreferenceMetrics(1, 1, 4, 0).and(new PreferenceMetrics(3, 0, 0, 4));
    assertEquals(new PreferenceMetrics(4, 0.25, 1, 3), both);
    try (NDManager manager = Torch.manager()) {
      var none = PreferenceMetrics.of(manager.zeros(new Shape(0)), manager.zeros(new Shape(0)));
      assertEquals(both, both.and(none));
      assertEquals(PreferenceMetrics.NONE, none.and(none));
    }
  }
}

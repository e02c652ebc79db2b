package dev.troupe.runtime.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class StageRecordTest {
  private static StageRecord stage(double... losses) {
    List<StepMetrics> steps = new ArrayList<>();
    for (double loss : losses) {
      steps.add(new StepMetrics("s", steps.size() + 1, 99, 0, Map.of("loss", loss)));
    }
    return new StageRecord("s", "supervised", Metric.LOSS, 1, steps);
  }

  @Test
  void comparesTheFirstTenthWithTheLast() {
    double[] losses = new double[20];
    losses[0] = 8;
    losses[1] = 4;
    losses[2] = 100;
    losses[18] = 2;
    losses[19] = 1;
    assertEquals(OptionalDouble.of(6), stage(losses).first(Metric.LOSS)); // (8 + 4) / 2
    assertEquals(OptionalDouble.of(1.5), stage(losses).last(Metric.LOSS)); // (2 + 1) / 2
  }

  @Test
  void takesAtLeastOneStepAndOnlyFiniteOnes() {
    StageRecord stage = stage(Double.NaN, 5, 7, Double.POSITIVE_INFINITY);
    assertEquals(OptionalDouble.of(5), stage.first(Metric.LOSS));
    assertEquals(OptionalDouble.of(7), stage.last(Metric.LOSS));
  }

  @Test
  void isSilentAboutWhatWasNeverRecorded() {
    assertEquals(OptionalDouble.empty(), stage().first(Metric.LOSS));
    assertEquals(OptionalDouble.empty(), stage(1).last(Metric.REWARD_MEAN));
  }

  @Test
  void knowsWhetherThereIsACourseToDraw() {
    assertTrue(stage(1).hasOneStep());
    assertFalse(stage().hasOneStep());
    assertFalse(stage(1, 2).hasOneStep());
  }
}

package dev.troupe.actors.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.StepMetrics;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasuresTest {
  private static List<String> of(Map<String, Double> values) {
    return Measures.of(new StepMetrics("grpo", 1, 2, 1, values), Metric.REWARD_MEAN);
  }

  @Test
  void tellsWhatFailedFirstAndOnlyIfAnythingDid() {
    assertEquals(
        List.of("3 failed", "KL 0.500"),
        of(Map.of(Metric.REWARD_FAILED.name(), 3.0, Metric.KL_REFERENCE.name(), 0.5)));
    assertEquals(List.of(), of(Map.of(Metric.REWARD_FAILED.name(), 0.0)));
  }

  @Test
  void tellsTheTokensPerSecondOfEachRole() {
    Map<String, Double> values =
        Map.of(
            Metric.TOKENS_GENERATED.name(), 1000.0,
            Metric.TOKENS_TRAINED.name(), 900.0,
            Metric.TIME_GENERATE.name(), 2.0,
            Metric.TIME_REFERENCE.name(), 0.5,
            Metric.TIME_TRAIN.name(), 3.0);

    // 1000 / 2, 1000 / 0.5 and 900 / 3
    assertEquals(
        List.of("generates 500 tokens/s", "reference reads 2,000 tokens/s", "trains 300 tokens/s"),
        of(values));
  }
}

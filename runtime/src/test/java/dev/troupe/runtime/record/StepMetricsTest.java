package dev.troupe.runtime.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepMetricsTest {
  @Test
  void keepsTheOrderOfItsMetrics() {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("reward/mean", 1.0);
    values.put("loss", 2.0);
    values.put("kl/reference", 3.0);
    values.put("entropy", 4.0);
    var step = new StepMetrics("grpo", 1, 2, 0, values);
    values.clear();
    assertEquals(
        List.of("reward/mean", "loss", "kl/reference", "entropy"),
        List.copyOf(step.values().keySet()));
  }

  @Test
  void answersByMetricAndByName() {
    var step = new StepMetrics("grpo", 1, 2, 0, Map.of("loss", 2.5));
    assertEquals(OptionalDouble.of(2.5), step.value(Metric.LOSS));
    assertEquals(OptionalDouble.empty(), step.value("reward/mean"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "step", "a b", "a//b", "/a", "quote\"", "line\nbreak"})
  void refusesMetricNamesThatTheFormatsCannotCarry(String name) {
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> new StepMetrics("grpo", 1, 2, 0, Map.of(name, 1.0)));
    assertTrue(error.getMessage().startsWith("\"" + name + "\" cannot name a metric"));
  }

  @Test
  void refusesImpossiblePositions() {
    Map<String, Double> none = Map.of();
    assertThrows(IllegalArgumentException.class, () -> new StepMetrics(" ", 1, 2, 0, none));
    assertThrows(IllegalArgumentException.class, () -> new StepMetrics("s", 3, 2, 0, none));
    assertThrows(IllegalArgumentException.class, () -> new StepMetrics("s", -1, 2, 0, none));
    assertThrows(IllegalArgumentException.class, () -> new StepMetrics("s", 1, 2, -1, none));
    assertThrows(
        IllegalArgumentException.class, () -> new StepMetrics("s", 1, 2, Double.NaN, none));
  }

  @Test
  void everyKnownMetricIsDistinctAndExplained() {
    assertEquals(
        Metric.known().size(), Metric.known().stream().map(Metric::name).distinct().count());
    for (Metric metric : Metric.known()) {
      assertTrue(!metric.meaning().isBlank() && !metric.label().isBlank(), metric::name);
      new StepMetrics("s", 1, 1, 0, Map.of(metric.name(), 0.0));
    }
  }
}

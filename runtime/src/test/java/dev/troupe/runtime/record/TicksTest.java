package dev.troupe.runtime.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TicksTest {
  private static List<String> labels(double low, double high, double smallestStep) {
    Ticks ticks = Ticks.between(low, high, 4, smallestStep);
    return ticks.values().stream().map(ticks::label).toList();
  }

  @Test
  void areRoundNumbersInsideTheRange() {
    assertEquals(List.of("0.2", "0.4", "0.6", "0.8"), labels(0.17, 0.91, 0));
    assertEquals(List.of("-0.02", "0.00", "0.02"), labels(-0.031, 0.033, 0));
    assertEquals(List.of("0", "5,000", "10,000", "15,000", "20,000"), labels(0, 20_000, 0));
    assertEquals(List.of("0", "2e-5", "4e-5", "6e-5"), labels(0, 7.5e-5, 0));
  }

  @Test
  void countWholeStepsEvenOnAShortAxis() {
    assertEquals(List.of("1", "2", "3"), labels(1, 3, 1));
  }

  @Test
  void areAlwaysAFewAndAscending() {
    for (double scale = 1e-9; scale < 1e9; scale *= 3.7) {
      for (double low = -2; low < 2; low += 0.37) {
        List<Double> values = Ticks.between(low * scale, (low + 1) * scale, 4, 0).values();
        assertTrue(values.size() >= 2 && values.size() <= 7, values::toString);
        assertEquals(values.stream().sorted().distinct().toList(), values);
      }
    }
  }
}

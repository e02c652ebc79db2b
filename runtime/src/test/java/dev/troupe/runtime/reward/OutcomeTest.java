package dev.troupe.runtime.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutcomeTest {
  @Test
  void keepsTheOrderOfComponentsAndCannotBeChanged() {
    var components = new LinkedHashMap<String, Double>();
    components.put("z", 1.0);
    components.put("a", 2.0);
    var scored = new Outcome.Scored(3, components);
    components.put("late", 0.0);
    assertEquals(List.of("z", "a"), List.copyOf(scored.components().keySet()));
    assertThrows(UnsupportedOperationException.class, () -> scored.components().put("b", 1.0));
  }

  @Test
  void aScoreIsAlwaysAFiniteNumberAndAFailureHasAReason() {
    Map<String, Double> bad = Map.of("a", Double.NaN);
    assertThrows(IllegalArgumentException.class, () -> new Outcome.Scored(0, bad));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Outcome.Scored(Double.POSITIVE_INFINITY, Map.of()));
    assertThrows(IllegalArgumentException.class, () -> new Outcome.Failed(" "));
  }
}

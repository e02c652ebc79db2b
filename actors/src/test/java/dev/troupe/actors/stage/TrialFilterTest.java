package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.settings.FiltrationSettings;
import dev.troupe.runtime.settings.FiltrationSettings.Strategy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrialFilterTest {
  private final Map<String, Double> metrics = new HashMap<>();

  private List<Double> kept(Strategy strategy, int draws, long ordinal, double... rewards) {
    var filter = new TrialFilter(new FiltrationSettings(strategy, draws, 2), 5);
    return Trials.rewards(filter.of(List.of(Trials.of(ordinal, rewards)), metrics).get(0));
  }

  @Test
  void keepsTheBestAndTheWorst() {
    assertEquals(List.of(0.9, -0.7), kept(Strategy.BEST_WORST, 0, 0, 0.1, 0.9, -0.7, 0.4));
    assertEquals(List.of(0.9), kept(Strategy.BEST_OF_N, 0, 0, 0.1, 0.9, -0.7, 0.4));
    // Lengths 1 to 4 were sampled, and 2 is kept.
    assertEquals(2.5, metrics.get("filtration/sampled-length"));
    assertEquals(2, metrics.get("filtration/kept-length"));
  }

  @Test
  void whatIsDrawnFollowsFromTheTicketAlone() {
    Set<List<Double>> drawn = new HashSet<>();
    for (long ordinal = 0; ordinal < 20; ordinal++) {
      List<Double> once = kept(Strategy.BEST_RANDOM, 0, ordinal, 3, 2, 1, 0);
      assertEquals(once, kept(Strategy.BEST_RANDOM, 0, ordinal, 3, 2, 1, 0));
      assertEquals(3, once.get(0));
      drawn.add(once);
    }
    assertEquals(3, drawn.size());
  }

  @Test
  void drawsAsManyAsAreAskedFor() {
    assertEquals(7, kept(Strategy.POWER, 7, 0, 1, -1, 0.5).size());
  }

  @Test
  void promptsWithoutADifferenceAreLeftOut() {
    assertTrue(kept(Strategy.BEST_WORST, 0, 0, 1, 1, 1).isEmpty());
    assertEquals(0, metrics.get("filtration/kept-groups"));
  }

  @Test
  void keepsAllAsTheyAreWhenItIsOff() {
    List<List<Trial>> groups = List.of(Trials.of(0, 1, 1), List.of());
    var filter = new TrialFilter(new FiltrationSettings(Strategy.NONE, 0, 2), 5);

    assertSame(groups, filter.of(groups, metrics));
    assertTrue(metrics.isEmpty());
  }
}

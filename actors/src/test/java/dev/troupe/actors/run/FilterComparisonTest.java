package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.settings.FiltrationSettings.Strategy;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FilterComparisonTest {
  private static final double EXACT = 1e-12;
  private static final long SEED = 3;

  /** Reliable at both ends of its scale, and noise between: what PF-PPO presumes. */
  private static final double[][] SCORES = {{2, 0.3, -2}, {2, -0.3, -2}, {2, 0.1, -2}};

  private static final double[][] REWARDS = {{1, 0.1, 0}, {1, 0.9, 0}, {1, 0.2, 0}};

  private static FilterComparison compare(Strategy... filters) {
    return FilterComparison.of(List.of(filters), SCORES, REWARDS, 100, SEED).orElseThrow();
  }

  @Test
  void theFilterWhoseSurvivorsAreExplainedBestComesLastAndIsRecommended() {
    FilterComparison found = compare(Strategy.NONE, Strategy.BEST_WORST);

    // Best-worst keeps (2, 1) and (-2, 0) alone, which lie on a line: slope 1/4, R-squared 1.
    assertEquals("best-worst", found.best().filter());
    assertEquals(1, found.best().determination(), EXACT);
    assertEquals(0.25, found.best().slope(), EXACT);
    // Without a filter all nine count, in bins of one each.
    assertEquals("none", found.fits().get(0).filter());
    assertEquals(allNine(), found.fits().get(0).determination(), EXACT);
    assertEquals(3, found.prompts());
    assertEquals(9, found.completions());
    assertEquals(
        "PF-PPO recommends filtration.strategy = best-worst: of what it keeps of the completions"
            + " after sft the reward model explains most (R-squared 1.000; the least with none,"
            + " 0.715).",
        found.sentence("after sft"));
  }

  /** {@code 1 - residual / total} of all nine points by the normal equations. */
  private static double allNine() {
    double[] x = Arrays.stream(SCORES).flatMapToDouble(Arrays::stream).toArray();
    double[] y = Arrays.stream(REWARDS).flatMapToDouble(Arrays::stream).toArray();
    double mx = Arrays.stream(x).average().orElseThrow();
    double my = Arrays.stream(y).average().orElseThrow();
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - mx) * (y[i] - my);
      xx += (x[i] - mx) * (x[i] - mx);
      yy += (y[i] - my) * (y[i] - my);
    }
    return xy * xy / (xx * yy);
  }

  @Test
  void theBestAloneLeavesNothingToExplain() {
    FilterComparison.Fit best = compare(Strategy.BEST_OF_N).best();
    assertEquals(0, best.determination());
  }

  @Test
  void intervalsHoldTheValueAndAreTheSameAgain() {
    FilterComparison found = compare(Strategy.values());
    assertEquals(5, found.fits().size());
    for (FilterComparison.Fit fit : found.fits()) {
      assertTrue(
          fit.low() <= fit.determination() + EXACT && fit.determination() <= fit.high() + EXACT,
          fit.toString());
    }
    assertEquals(found, compare(Strategy.values()));
  }

  @Test
  void nobodyAskedOrNothingThereIsNoComparison() {
    assertEquals(Optional.empty(), FilterComparison.of(List.of(), SCORES, REWARDS, 10, SEED));
    assertEquals(
        Optional.empty(),
        FilterComparison.of(List.of(Strategy.NONE), new double[0][], new double[0][], 10, SEED));
  }
}

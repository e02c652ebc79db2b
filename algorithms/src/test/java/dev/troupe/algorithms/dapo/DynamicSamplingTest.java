package dev.troupe.algorithms.dapo;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.algorithms.dapo.DynamicSampling.Selection;
import java.util.List;
import org.junit.jupiter.api.Test;

class DynamicSamplingTest {
  private static final double EXACT = 1e-12;
  private static final double[] RIGHT = {1, 1};
  private static final double[] WRONG = {0, 0};
  private static final double[] MIXED = {1, 0};

  @Test
  void keepsTheFirstGroupsThatDiffer() {
    DynamicSampling sampling = new DynamicSampling(2, 1, 0);
    Selection selection = sampling.select(List.of(RIGHT, MIXED, WRONG, MIXED, MIXED));
    assertEquals(List.of(1, 3), selection.kept());
    assertEquals(3, selection.informative());
    // the raw rate counts what is discarded: (2 + 1 + 0 + 1 + 1) / 10
    assertEquals(0.5, selection.meanReward(), EXACT);
    assertEquals(new Selection(List.of(), 0, 0), sampling.select(List.of()));
  }

  @Test
  void asksForMoreUntilTheBatchIsFullOrTheRoundsAreUsedUp() {
    DynamicSampling sampling = new DynamicSampling(2, 3, 0);
    Selection poor = sampling.select(List.of(MIXED, RIGHT));
    assertTrue(sampling.wantsMore(poor, 0));
    assertTrue(sampling.wantsMore(poor, 2));
    assertFalse(sampling.wantsMore(poor, 3));
    assertFalse(sampling.wantsMore(sampling.select(List.of(MIXED, MIXED)), 0));
    assertFalse(new DynamicSampling(2, 0, 0).wantsMore(poor, 0));
  }

  @Test
  void aRangeAlsoDiscardsRounding() {
    double[] rounding = {0.1 + 0.2, 0.3};
    assertTrue(new DynamicSampling(1, 0, 0).isInformative(rounding));
    assertFalse(new DynamicSampling(1, 0, 1e-6).isInformative(rounding));
    assertFalse(new DynamicSampling(1, 0, 1).isInformative(MIXED));
    assertTrue(new DynamicSampling(1, 0, 0.5).isInformative(MIXED));
    assertFalse(new DynamicSampling(1, 0, 0).isInformative(new double[] {0.5}));
  }

  @Test
  void refusesBadInput() {
    assertRefused(
        "dynamic sampling: groups is 0, expected at least 1;"
            + " maxRounds is -1, expected 0 or more; minRange is NaN, expected 0 or more",
        () -> new DynamicSampling(0, -1, Double.NaN));
    assertRefused(
        "dynamic sampling: minRange is Infinity, expected 0 or more",
        () -> new DynamicSampling(1, 0, Double.POSITIVE_INFINITY));
    DynamicSampling sampling = new DynamicSampling(1, 0, 0);
    assertRefused(
        "rewards is empty, expected at least 1 reward",
        () -> sampling.select(List.of(new double[0])));
    assertRefused(
        "rewards at index 1 is NaN, expected a finite number",
        () -> sampling.isInformative(new double[] {1, Double.NaN}));
  }
}

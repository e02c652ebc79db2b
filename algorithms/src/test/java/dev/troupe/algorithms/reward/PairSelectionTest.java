package dev.troupe.algorithms.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.algorithms.reward.PairSelection.Pair;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PairSelectionTest {
  private static final double NONE = Double.NaN;

  @Test
  void comparesTheFirstBestWithTheFirstWorst() {
    assertEquals(
        List.of(new Pair(2, 1, 2.5)),
        PairSelection.BEST_WORST.of(new double[] {1, 0.5, 3, NONE, 3, 0.5}));
  }

  @Test
  void comparesEveryTwoThatDiffer() {
    assertEquals(
        List.of(
            new Pair(0, 1, 1),
            new Pair(3, 0, 1),
            new Pair(3, 1, 2),
            new Pair(3, 4, 1),
            new Pair(4, 1, 1)),
        PairSelection.ALL.of(new double[] {2, 1, NONE, 3, 2}));
  }

  @ParameterizedTest
  @EnumSource
  void findsNoPairWhereNothingDiffers(PairSelection selection) {
    assertEquals(List.of(), selection.of(new double[] {1, 1, NONE}));
    assertEquals(List.of(), selection.of(new double[] {NONE, NONE}));
    assertEquals(List.of(), selection.of(new double[] {}));
  }
}

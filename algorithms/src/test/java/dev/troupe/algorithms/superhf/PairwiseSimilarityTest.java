package dev.troupe.algorithms.superhf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class PairwiseSimilarityTest {
  private static final double EXACT = 1e-12;

  @Test
  void isTheMeanF1OfAllPairs() {
    // 1 and 2: they share 7 and one of the two 5s: 2 * 2 / (3 + 2) = 0.8
    // 1 and 3: they share 7: 2 * 1 / (3 + 1) = 0.5      2 and 3: 2 * 1 / (2 + 1) = 2 / 3
    List<int[]> completions = List.of(new int[] {5, 7, 5}, new int[] {7, 5}, new int[] {7});
    assertEquals((0.8 + 0.5 + 2.0 / 3) / 3, PairwiseSimilarity.mean(completions), EXACT);
    assertArrayEquals(new int[] {5, 7, 5}, completions.get(0), "what was given is not sorted");
  }

  @Test
  void isOneWhenEverybodyGetsTheSameAnswerAndZeroWhenNothingIsShared() {
    assertEquals(1, PairwiseSimilarity.mean(List.of(new int[] {1, 2}, new int[] {2, 1})), EXACT);
    assertEquals(0, PairwiseSimilarity.mean(List.of(new int[] {1, 2}, new int[] {3})), EXACT);
    assertEquals(1, PairwiseSimilarity.mean(List.of(new int[0], new int[0])), EXACT);
    assertEquals(0, PairwiseSimilarity.mean(List.of(new int[0], new int[] {1})), EXACT);
  }

  @Test
  void isUnknownOfASingleCompletion() {
    assertEquals(Double.NaN, PairwiseSimilarity.mean(List.of(new int[] {1})));
    assertEquals(Double.NaN, PairwiseSimilarity.mean(List.of()));
  }
}

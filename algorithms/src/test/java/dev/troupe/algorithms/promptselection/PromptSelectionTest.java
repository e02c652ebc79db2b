package dev.troupe.algorithms.promptselection;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PromptSelectionTest {
  private static final double EXACT = 1e-12;
  private static final double[][] SUCCESS = {{1, 0, 1}, {0, 1, 0}, {0, 1, 1}, {0, 0, 0}};

  @Test
  void choosesTheLowestIndexOfTheMostPromising() {
    double[][] predicted = {{0.2, 0.9, 0.9}, {0.7, 0.7, 0.1}, {-3, -2, -4}};
    assertArrayEquals(new int[] {1, 0, 1}, PromptSelection.choose(predicted));
  }

  @Test
  void theBestFixedPromptIsTheFirstOfTheBestOnAverage() {
    // totals 1, 2, 2
    assertEquals(1, PromptSelection.bestFixed(SUCCESS));
    assertEquals(0.5, PromptSelection.successRate(SUCCESS, 1), EXACT);
    assertEquals(0.25, PromptSelection.successRate(SUCCESS, 0), EXACT);
  }

  @Test
  void theOracleFailsOnlyWhereEveryPromptFails() {
    assertEquals(0.75, PromptSelection.oracle(SUCCESS), EXACT);
    assertEquals(0.75, PromptSelection.successRate(SUCCESS, new int[] {0, 1, 2, 0}), EXACT);
    assertEquals(0, PromptSelection.successRate(SUCCESS, new int[] {1, 2, 0, 0}), EXACT);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "predictedQP is empty, expected at least 1 query and 1 prompt",
        () -> PromptSelection.choose(new double[0][]));
    assertRefused(
        "successQP is empty, expected at least 1 query and 1 prompt",
        () -> PromptSelection.bestFixed(new double[2][0]));
    assertRefused(
        "predictedQP[1] has length 1, expected 2 like predictedQP[0]",
        () -> PromptSelection.choose(new double[][] {{1, 2}, {3}}));
    assertRefused(
        "predictedQP[0] at index 1 is NaN, expected a finite number",
        () -> PromptSelection.choose(new double[][] {{1, Double.NaN}}));
    assertRefused(
        "chosenQ has length 1, expected 4 like successQP",
        () -> PromptSelection.successRate(SUCCESS, new int[1]));
    assertRefused(
        "chosenQ[0] is 3.0, expected a number in [0.0, 2.0]",
        () -> PromptSelection.successRate(SUCCESS, 3));
  }
}

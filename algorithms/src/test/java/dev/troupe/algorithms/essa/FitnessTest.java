package dev.troupe.algorithms.essa;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FitnessTest {
  private static final double EXACT = 1e-12;

  @Test
  void isTheMeanRewardWhereNothingFailed() {
    assertArrayEquals(
        new double[] {0.5, 0.75}, Fitness.of(new double[][] {{1, 0, 1, 0}, {1, 1, 1, 0}}), EXACT);
  }

  @Test
  void aFailedScoringIsNoZeroAndPaysNothingForAHardPrompt() {
    // Levels: 1, (0 + 0) / 2 = 0, 1; overall 2/3. The second candidate lost the easy last prompt.
    // F_0 = 0 + 2/3; F_1 = ((1 - 1) + (0 - 0)) / 2 + 2/3: both did alike where both were scored.
    double[] fitness = Fitness.of(new double[][] {{1, 0, 1}, {1, 0, Double.NaN}});

    assertArrayEquals(new double[] {2 / 3.0, 2 / 3.0}, fitness, EXACT);
  }

  @Test
  void aBetterCandidateStaysBetterThoughItsEasyPromptsFailed() {
    // Levels 1, 1/2, 0; overall 1/2. F_0 = (0 + 1/2 + 0) / 2 ... of prompts 1 and 2 only.
    double[] fitness = Fitness.of(new double[][] {{Double.NaN, 1, 0}, {1, 0, 0}});

    assertEquals((0.5 + 0) / 2 + 0.5, fitness[0], EXACT);
    assertEquals((0 - 0.5 + 0) / 3 + 0.5, fitness[1], EXACT);
  }

  @Test
  void isUnknownWithoutAnyScoredCompletion() {
    double[] fitness = Fitness.of(new double[][] {{1, 0}, {Double.NaN, Double.NaN}});

    assertEquals(0.5, fitness[0], EXACT);
    assertTrue(Double.isNaN(fitness[1]));
    assertArrayEquals(new double[] {0.5, 0.5}, Fitness.ranked(fitness), EXACT);
    assertArrayEquals(new double[2], Fitness.ranked(new double[] {Double.NaN, Double.NaN}), EXACT);
  }

  @Test
  void refusesWhatIsNoTableOfRewards() {
    assertThrows(IllegalArgumentException.class, () -> Fitness.of(new double[0][]));
    assertThrows(IllegalArgumentException.class, () -> Fitness.of(new double[][] {{1, 0}, {1}}));
    String infinite =
        assertThrows(
                IllegalArgumentException.class,
                () -> Fitness.of(new double[][] {{1}, {Double.POSITIVE_INFINITY}}))
            .getMessage();
    assertTrue(infinite.startsWith("rewards[1] holds Infinity"), infinite);
  }
}

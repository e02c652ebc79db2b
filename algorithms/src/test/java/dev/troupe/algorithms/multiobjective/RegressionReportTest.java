package dev.troupe.algorithms.multiobjective;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class RegressionReportTest {
  private static final double EXACT = 1e-12;
  private static final boolean[] KNOWN = {true, true};

  @Test
  void measuresErrorAndOrderOfEachObjective() {
    double[][] scores = {{1, 4}, {2, 3}, {4, 2}, {9, 1}};
    double[][] labels = {{1, 1}, {3, 2}, {4, 3}, {5, 4}};
    RegressionReport report =
        RegressionReport.of(scores, labels, new boolean[][] {KNOWN, KNOWN, KNOWN, KNOWN});
    // (0 + 1 + 0 + 16) / 4 and (9 + 1 + 1 + 9) / 4
    assertArrayEquals(new double[] {4.25, 5}, report.meanSquaredError(), EXACT);
    assertArrayEquals(new double[] {1, -1}, report.rankCorrelation(), EXACT);
  }

  @Test
  void leavesUnknownLabelsOutAndSharesTiedRanks() {
    double nan = Double.NaN;
    double[][] scores = {{1, nan}, {1, 0}, {2, 0}};
    double[][] labels = {{0, nan}, {1, nan}, {2, nan}};
    boolean[][] known = {{true, false}, {true, false}, {true, false}};
    RegressionReport report = RegressionReport.of(scores, labels, known);
    // ranks (1/2, 1/2, 2) and (0, 1, 2): 1.5 / sqrt(1.5 * 2)
    assertArrayEquals(new double[] {Math.sqrt(0.75), 0}, report.rankCorrelation(), EXACT);
    assertArrayEquals(new double[] {1.0 / 3, 0}, report.meanSquaredError(), EXACT);
  }

  @Test
  void equalScoresHaveNoOrder() {
    RegressionReport report =
        RegressionReport.of(
            new double[][] {{1, 5}, {1, 6}},
            new double[][] {{0, 3}, {2, 3}},
            new boolean[][] {KNOWN, KNOWN});
    assertArrayEquals(new double[] {0, 0}, report.rankCorrelation());
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "scores is empty, expected at least 1 response",
        () -> RegressionReport.of(new double[0][], new double[0][], new boolean[0][]));
    assertRefused(
        "labels has length 2, expected 1 like scores",
        () -> RegressionReport.of(new double[1][2], new double[2][2], new boolean[1][2]));
    assertRefused(
        "labels[0] has length 1, expected 2 like scores[0]",
        () -> RegressionReport.of(new double[1][2], new double[1][1], new boolean[1][2]));
    assertRefused(
        "labels of objective 1 at index 0 is Infinity, expected a finite number",
        () ->
            RegressionReport.of(
                new double[1][2],
                new double[][] {{0, Double.POSITIVE_INFINITY}},
                new boolean[][] {KNOWN}));
  }
}

package dev.troupe.algorithms.calibration;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CalibrationMetricsTest {
  private static final double EXACT = 1e-12;

  @Test
  void theCalibrationErrorWeighsBinsByTheirAnswers() {
    double[] confidence = {0.9, 0.85, 0.3};
    boolean[] isCorrect = {true, false, false};
    // (0.8, 0.9]: 2/3 * |0.875 - 0.5|, (0.2, 0.3]: 1/3 * 0.3
    assertEquals(
        2 / 3.0 * 0.375 + 0.1,
        CalibrationMetrics.expectedCalibrationError(confidence, isCorrect, 10),
        EXACT);
    // one bin: |mean 2.05 / 3 - 1/3|
    assertEquals(
        1.05 / 3, CalibrationMetrics.expectedCalibrationError(confidence, isCorrect, 1), EXACT);
  }

  @Test
  void aBinHoldsItsRightEdgeAndNotItsLeftOne() {
    for (int k = 1; k < 10; k++) {
      // edge and just below share a bin: their errors of opposite sign cancel
      double edge = k / 10.0;
      double[] below = {edge, Math.nextDown(edge)};
      double[] above = {edge, Math.nextUp(edge)};
      boolean[] isCorrect = {true, false};
      assertEquals(
          Math.abs(2 * edge - 1) / 2,
          CalibrationMetrics.expectedCalibrationError(below, isCorrect, 10),
          EXACT);
      assertEquals(0.5, CalibrationMetrics.expectedCalibrationError(above, isCorrect, 10), EXACT);
    }
  }

  @Test
  void certaintyOfBeingWrongCounts() {
    double[] none = {0, 0.1};
    assertEquals(
        0.45,
        CalibrationMetrics.expectedCalibrationError(none, new boolean[] {true, false}, 10),
        EXACT);
  }

  @Test
  void aTieIsHalfAWin() {
    double[] score = {0.9, 0.5, 0.5, 0.1};
    // correct 0.9 and 0.5 against wrong 0.5 and 0.1: 1, 1, 1/2, 1
    assertEquals(
        3.5 / 4, CalibrationMetrics.auroc(score, new boolean[] {true, true, false, false}), EXACT);
    assertEquals(
        1 / 8.0, CalibrationMetrics.auroc(score, new boolean[] {false, false, true, true}), EXACT);
    assertEquals(
        0.5, CalibrationMetrics.auroc(new double[] {0.0, -0.0}, new boolean[] {true, false}));
  }

  @Test
  void oneClassAloneSaysNothing() {
    double[] score = {0.1, 0.9};
    assertEquals(0.5, CalibrationMetrics.auroc(score, new boolean[] {true, true}));
    assertEquals(0.5, CalibrationMetrics.auroc(score, new boolean[] {false, false}));
  }

  @Property(tries = 200)
  void theAreaCountsPairsAndTurnsAroundWithTheScore(
      @ForAll @Size(9) boolean[] isCorrect, @ForAll @IntRange(min = 0, max = 9999) int seed) {
    double[] score = new java.util.SplittableRandom(seed).ints(9, 0, 4).asDoubleStream().toArray();
    double wins = 0;
    double pairs = 0;
    double[] negated = new double[9];
    for (int i = 0; i < 9; i++) {
      negated[i] = -score[i];
      for (int j = 0; j < 9; j++) {
        if (isCorrect[i] && !isCorrect[j]) {
          pairs++;
          wins += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
        }
      }
    }
    double area = CalibrationMetrics.auroc(score, isCorrect);
    assertEquals(pairs == 0 ? 0.5 : wins / pairs, area, EXACT);
    assertEquals(1, area + CalibrationMetrics.auroc(negated, isCorrect), EXACT);
  }

  @Test
  void allMetricsOfABatch() {
    CalibrationMetrics metrics =
        CalibrationMetrics.of(
            new double[] {1, 0.5, 0.5, 0}, new boolean[] {true, true, false, false});
    // Brier (0 + 1/4 + 1/4 + 0) / 4; all bins exact; wins 1, 1, 1/2, 1
    assertEquals(new CalibrationMetrics(4, 0.5, 0, 0.875, 0.125), metrics);
    assertEquals(
        new CalibrationMetrics(0, 0, 0, 0, 0),
        CalibrationMetrics.of(new double[0], new boolean[0]));
  }

  @Property(tries = 100)
  void theErrorOfOneAnswerIsItsDistance(@ForAll @IntRange(min = 0, max = 100) int percent) {
    double confidence = percent / 100.0;
    double[] one = {confidence};
    for (boolean isCorrect : new boolean[] {true, false}) {
      CalibrationMetrics metrics = CalibrationMetrics.of(one, new boolean[] {isCorrect});
      double distance = Math.abs(confidence - (isCorrect ? 1 : 0));
      assertEquals(distance, metrics.expectedCalibrationError(), EXACT);
      assertEquals(distance * distance, metrics.brier(), EXACT);
      assertTrue(metrics.accuracy() == (isCorrect ? 1 : 0));
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    double[] one = {0.5};
    boolean[] two = {true, false};
    assertRefused(
        "isCorrect has length 2, expected 1 like confidence",
        () -> CalibrationMetrics.expectedCalibrationError(one, two, 10));
    assertRefused(
        "isCorrect has length 2, expected 1 like confidence",
        () -> CalibrationMetrics.brier(one, two));
    assertRefused(
        "isCorrect has length 2, expected 1 like score", () -> CalibrationMetrics.auroc(one, two));
    assertRefused(
        "confidence[1] is 7.0, expected a number in [0.0, 1.0]",
        () -> CalibrationMetrics.of(new double[] {0.5, 7}, two));
    assertRefused(
        "score[0] is NaN, expected a number in [-Infinity, Infinity]",
        () -> CalibrationMetrics.auroc(new double[] {Double.NaN, 0}, two));
    assertRefused(
        "bins is 0, expected at least 1",
        () -> CalibrationMetrics.expectedCalibrationError(new double[2], two, 0));
  }
}

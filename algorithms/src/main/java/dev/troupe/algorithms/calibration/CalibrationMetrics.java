package dev.troupe.algorithms.calibration;

import dev.troupe.algorithms.Require;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well confidences agree with correctness.
 *
 * @param count answers judged; if 0, everything else is 0
 * @param accuracy fraction of correct answers
 * @param expectedCalibrationError {@link #expectedCalibrationError}
 * @param auroc {@link #auroc}
 * @param brier {@link #brier}
 */
public record CalibrationMetrics(
    int count, double accuracy, double expectedCalibrationError, double auroc, double brier) {
  /** Bins of the published expected calibration error. */
  public static final int BINS = 10;

  /**
   * All the metrics, the calibration error with {@link #BINS} bins.
   *
   * @param confidence stated probability of being correct, each in [0, 1]
   * @param isCorrect whether the answer was
   * @return the metrics
   * @throws IllegalArgumentException if the lengths differ or a confidence is outside [0, 1]
   */
  public static CalibrationMetrics of(double[] confidence, boolean[] isCorrect) {
    double correct = IntStream.range(0, isCorrect.length).filter(i -> isCorrect[i]).count();
    return new CalibrationMetrics(
        confidence.length,
        correct / Math.max(1, isCorrect.length),
        expectedCalibrationError(confidence, isCorrect, BINS),
        confidence.length == 0 ? 0 : auroc(confidence, isCorrect),
        brier(confidence, isCorrect));
  }

  /**
   * The expected calibration error, {@code sum over bins of n_b / N * |mean confidence - accuracy|}
   * (Guo et al. 2017, eq. 3), with bins of equal width that are open on the left and closed on the
   * right. The first bin is closed on both sides: a stated confidence of 0 counts.
   *
   * @param confidence stated probability of being correct, each in [0, 1]
   * @param isCorrect whether the answer was
   * @param bins number of bins, at least 1
   * @return the error, in [0, 1]; 0 without answers
   * @throws IllegalArgumentException if the lengths differ, a confidence is outside [0, 1], or
   *     there is no bin
   */
  public static double expectedCalibrationError(
      double[] confidence, boolean[] isCorrect, int bins) {
    requireConfidences(confidence, isCorrect);
    if (bins < 1) {
      throw new IllegalArgumentException("bins is " + bins + ", expected at least 1");
    }
    // n_b * |mean confidence - accuracy| is the sum over the bin of confidence - correctness.
    double[] excess = new double[bins];
    for (int i = 0; i < confidence.length; i++) {
      excess[bin(confidence[i], bins)] += confidence[i] - (isCorrect[i] ? 1 : 0);
    }
    return Arrays.stream(excess).map(Math::abs).sum() / Math.max(1, confidence.length);
  }

  /** The edges are quotients, which round like written decimals: 0.3 is 3 / 10, not 3 * 0.1. */
  private static int bin(double confidence, int bins) {
    int bin = 0;
    while (bin < bins - 1 && confidence > (bin + 1) / (double) bins) {
      bin++;
    }
    return bin;
  }

  /**
   * The probability that a correct answer has a higher score than a wrong one, where a tie counts
   * one half: the area under the ROC curve.
   *
   * @param score any score that should be higher for correct answers
   * @param isCorrect whether the answer was
   * @return the area, in [0, 1]; 0.5, which says nothing, if all answers are correct or none is
   * @throws IllegalArgumentException if the lengths differ or a score is NaN
   */
  public static double auroc(double[] score, boolean[] isCorrect) {
    Require.sameLength("score", score.length, "isCorrect", isCorrect.length);
    for (int i = 0; i < score.length; i++) {
      Require.within(
          "score[" + i + "]", score[i], Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
    Integer[] rising =
        IntStream.range(0, score.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> score[i]))
            .toArray(Integer[]::new);
    double wins = 0;
    double wrongBelow = 0;
    double correctBelow = 0;
    for (int from = 0; from < rising.length; ) {
      double wrong = 0;
      double correct = 0;
      int to = from;
      while (to < rising.length && score[rising[to]] == score[rising[from]]) {
        boolean isRight = isCorrect[rising[to]];
        correct += isRight ? 1 : 0;
        wrong += isRight ? 0 : 1;
        to++;
      }
      wins += correct * (wrongBelow + wrong / 2);
      wrongBelow += wrong;
      correctBelow += correct;
      from = to;
    }
    return wrongBelow == 0 || correctBelow == 0 ? 0.5 : wins / (wrongBelow * correctBelow);
  }

  /**
   * The mean squared difference of confidence and correctness (Brier 1950): a proper score, unlike
   * the calibration error.
   *
   * @param confidence stated probability of being correct, each in [0, 1]
   * @param isCorrect whether the answer was
   * @return the score, in [0, 1], 0 is best; 0 without answers
   * @throws IllegalArgumentException if the lengths differ or a confidence is outside [0, 1]
   */
  public static double brier(double[] confidence, boolean[] isCorrect) {
    requireConfidences(confidence, isCorrect);
    double sum = 0;
    for (int i = 0; i < confidence.length; i++) {
      double miss = confidence[i] - (isCorrect[i] ? 1 : 0);
      sum += miss * miss;
    }
    return sum / Math.max(1, confidence.length);
  }

  private static void requireConfidences(double[] confidence, boolean[] isCorrect) {
    Require.sameLength("confidence", confidence.length, "isCorrect", isCorrect.length);
    for (int i = 0; i < confidence.length; i++) {
      Require.within("confidence[" + i + "]", confidence[i], 0, 1);
    }
  }
}

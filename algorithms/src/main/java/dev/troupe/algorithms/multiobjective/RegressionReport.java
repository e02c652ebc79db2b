package dev.troupe.algorithms.multiobjective;

import dev.troupe.algorithms.Require;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well a reward model predicts each objective, to be measured on held-out responses of the
 * policy that will be trained: a small error says little if the order is wrong.
 *
 * @param meanSquaredError for each objective, in squared units of its labels; 0 without a label
 * @param rankCorrelation for each objective, Spearman's, in [-1, 1]; ties share their mean rank; 0
 *     if the scores or the labels are all equal
 */
public record RegressionReport(double[] meanSquaredError, double[] rankCorrelation) {
  /**
   * Measures a reward model.
   *
   * @param scores its scores, (N, K)
   * @param labels the labels, (N, K)
   * @param known whether each label is known, (N, K)
   * @return the report, K objectives
   * @throws IllegalArgumentException if there is no response, shapes differ, or a value with a
   *     label is not finite
   */
  public static RegressionReport of(double[][] scores, double[][] labels, boolean[][] known) {
    if (scores.length == 0) {
      throw new IllegalArgumentException("scores is empty, expected at least 1 response");
    }
    Require.sameLength("scores", scores.length, "labels", labels.length);
    Require.sameLength("scores", scores.length, "known", known.length);
    int objectives = scores[0].length;
    for (int i = 0; i < scores.length; i++) {
      Require.sameLength("scores[0]", objectives, "scores[" + i + "]", scores[i].length);
      Require.sameLength("scores[0]", objectives, "labels[" + i + "]", labels[i].length);
      Require.sameLength("scores[0]", objectives, "known[" + i + "]", known[i].length);
    }
    double[] errors = new double[objectives];
    double[] correlations = new double[objectives];
    for (int k = 0; k < objectives; k++) {
      double[] score = column(scores, known, k);
      double[] label = column(labels, known, k);
      Require.finite("scores of objective " + k, score);
      Require.finite("labels of objective " + k, label);
      for (int i = 0; i < score.length; i++) {
        errors[k] += (score[i] - label[i]) * (score[i] - label[i]) / score.length;
      }
      correlations[k] = correlation(ranks(score), ranks(label));
    }
    return new RegressionReport(errors, correlations);
  }

  private static double[] column(double[][] values, boolean[][] known, int k) {
    return IntStream.range(0, values.length)
        .filter(i -> known[i][k])
        .mapToDouble(i -> values[i][k])
        .toArray();
  }

  private static double[] ranks(double[] values) {
    Integer[] order = IntStream.range(0, values.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
    double[] ranks = new double[values.length];
    for (int from = 0; from < order.length; ) {
      int to = from + 1;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + to - 1) / 2.0;
      }
      from = to;
    }
    return ranks;
  }

  private static double correlation(double[] first, double[] second) {
    double middle = (first.length - 1) / 2.0;
    double both = 0;
    double squares = 0;
    double otherSquares = 0;
    for (int i = 0; i < first.length; i++) {
      both += (first[i] - middle) * (second[i] - middle);
      squares += (first[i] - middle) * (first[i] - middle);
      otherSquares += (second[i] - middle) * (second[i] - middle);
    }
    return squares == 0 || otherSquares == 0 ? 0 : both / Math.sqrt(squares * otherSquares);
  }
}

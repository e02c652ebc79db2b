package dev.troupe.actors.run;

import dev.troupe.algorithms.calibration.CalibrationMetrics;
import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Measure;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.statistics.Bootstrap;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** How well the stated confidences of an evaluation agree with what was right. */
final class CalibrationResults {
  private CalibrationResults() {}

  /** Calibration error, discrimination and Brier score, with intervals over the completions. */
  static List<Evaluation> of(EvaluationDetails details, String moment, long seed) {
    return List.of(
        new Evaluation(
            "held-out calibration",
            moment,
            measure(
                Quantity.CALIBRATION_ERROR,
                details,
                CalibrationMetrics::expectedCalibrationError,
                seed)),
        new Evaluation(
            "held-out discrimination",
            moment,
            measure(Quantity.DISCRIMINATION, details, CalibrationMetrics::auroc, seed)),
        new Evaluation(
            "held-out confidence",
            moment,
            measure(Quantity.BRIER, details, CalibrationMetrics::brier, seed)));
  }

  private static Measure measure(
      Quantity quantity,
      EvaluationDetails details,
      ToDoubleFunction<CalibrationMetrics> metric,
      long seed) {
    ToDoubleFunction<int[]> statistic = indices -> metric.applyAsDouble(metrics(details, indices));
    int[] all = new int[details.confidences().size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    return new Measure(
        quantity,
        statistic.applyAsDouble(all),
        Bootstrap.interval95(all.length, statistic, seed),
        all.length);
  }

  private static CalibrationMetrics metrics(EvaluationDetails details, int[] indices) {
    double[] confidence = new double[indices.length];
    boolean[] right = new boolean[indices.length];
    for (int i = 0; i < indices.length; i++) {
      confidence[i] = details.confidences().get(indices[i]);
      right[i] = details.right().get(indices[i]);
    }
    return CalibrationMetrics.of(confidence, right);
  }
}

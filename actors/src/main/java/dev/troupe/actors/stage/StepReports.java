package dev.troupe.actors.stage;

import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.training.StepReport;
import java.util.Map;

/** The optimizer steps of one learner step, together. */
final class StepReports {
  private double loss;
  private double gradientNorm;
  private double learningRate;
  private double entropy;
  private int steps;

  void add(StepReport report) {
    loss += report.loss();
    gradientNorm += report.gradientNorm();
    entropy += report.meanEntropy();
    learningRate = report.learningRate();
    steps++;
  }

  /** Means over the optimizer steps; nothing when there was none. */
  void into(Map<String, Double> metrics) {
    if (steps > 0) {
      metrics.put(Metric.LOSS.name(), loss / steps);
      metrics.put(Metric.ENTROPY.name(), entropy / steps);
      metrics.put(Metric.GRADIENT_NORM.name(), gradientNorm / steps);
      metrics.put(Metric.LEARNING_RATE.name(), learningRate);
    }
  }
}

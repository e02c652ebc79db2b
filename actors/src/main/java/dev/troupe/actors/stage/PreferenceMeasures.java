package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.preference.PreferenceMetrics;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.training.StepReport;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a step of learning from preferences shows. */
final class PreferenceMeasures {
  /** Where the losses keep the pairs. */
  static final PairTally PAIRS = new PairTally("preference");

  private final StepReports reports = new StepReports();
  private final Map<String, Double> others = new LinkedHashMap<>();
  private PreferenceMetrics preferences = PreferenceMetrics.NONE;

  /** Takes in the optimizer's report of the step. */
  void add(StepReport report) {
    reports.add(report);
    preferences = PAIRS.of(report.tally());
  }

  /** Adds a number that is shown as it is. */
  void add(String metric, double value) {
    others.put(metric, value);
  }

  /**
   * @param groups what was sampled for the step
   * @param sequences what was trained on, one row a completion
   */
  Map<String, Double> metrics(List<ScoredGroup> groups, List<TrainingSequence> sequences) {
    var metrics = new LinkedHashMap<String, Double>();
    reports.into(metrics);
    metrics.putAll(RewardMetrics.of(groups));
    metrics.put("preference/pairs", (double) preferences.pairs());
    if (preferences.pairs() > 0) {
      metrics.put(Metric.PREFERENCE_ACCURACY.name(), preferences.accuracy());
      metrics.put(Metric.PREFERENCE_MARGIN.name(), preferences.meanMargin());
    }
    metrics.putAll(others);
    metrics.put(
        Metric.TOKENS_TRAINED.name(),
        (double) sequences.stream().mapToLong(TrainingSequence::responseLength).sum());
    return metrics;
  }
}

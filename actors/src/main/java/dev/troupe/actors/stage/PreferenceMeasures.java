package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.preference.PreferenceMetrics;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a step of learning from preferences shows, over all its micro-batches. */
final class PreferenceMeasures {
  private final StepReports reports = new StepReports();
  private final Map<String, Double> sums = new LinkedHashMap<>();
  private PreferenceMetrics preferences = PreferenceMetrics.NONE;

  /** The optimizer's report of the step. */
  StepReports reports() {
    return reports;
  }

  /** Counts the pairs of a micro-batch. */
  void add(PreferenceMetrics part) {
    preferences = preferences.and(part);
  }

  /** Adds to a sum over the step that is shown as it is. */
  void add(String metric, double part) {
    sums.merge(metric, part, Double::sum);
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
    metrics.putAll(sums);
    metrics.put(
        Metric.TOKENS_TRAINED.name(),
        (double) sequences.stream().mapToLong(TrainingSequence::responseLength).sum());
    return metrics;
  }
}

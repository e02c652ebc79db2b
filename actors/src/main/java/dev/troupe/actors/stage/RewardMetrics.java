package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.reward.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the groups of a step show before anything is learnt from them. */
final class RewardMetrics {
  private RewardMetrics() {}

  static Map<String, Double> of(List<ScoredGroup> groups) {
    var rewards = new Moments();
    var lengths = new Moments();
    var components = new TreeMap<String, Moments>();
    var turns = new Moments();
    int cut = 0;
    int uniform = 0;
    int skipped = 0;
    for (ScoredGroup group : groups) {
      var inGroup = new Moments();
      for (Outcome outcome : group.outcomes()) {
        double reward = GroupFacts.reward(outcome);
        if (!Double.isNaN(reward)) {
          inGroup.add(reward);
          rewards.add(reward);
        }
        if (outcome instanceof Outcome.Scored scored) {
          scored
              .components()
              .forEach(
                  (name, value) -> components.computeIfAbsent(name, n -> new Moments()).add(value));
        }
      }
      for (Rollout rollout : group.group().rollouts()) {
        lengths.add(rollout.length());
        turns.add(rollout.interplay().turns());
        cut += rollout.finish() == FinishReason.LENGTH ? 1 : 0;
      }
      skipped += inGroup.count < 2 ? 1 : 0;
      uniform += inGroup.count >= 2 && inGroup.highest == inGroup.lowest ? 1 : 0;
    }
    var metrics = new LinkedHashMap<String, Double>();
    metrics.put(Metric.REWARD_MEAN.name(), rewards.mean());
    metrics.put(Metric.REWARD_STD.name(), rewards.deviation());
    components.forEach((name, values) -> metrics.put("reward/component/" + name, values.mean()));
    metrics.put("groups/uniform", groups.isEmpty() ? 0 : (double) uniform / groups.size());
    metrics.put("groups/skipped", (double) skipped);
    metrics.put(Metric.LENGTH_MEAN.name(), lengths.mean());
    metrics.put("length/max", lengths.count == 0 ? 0 : lengths.highest);
    metrics.put(Metric.LENGTH_CUT.name(), lengths.count == 0 ? 0 : (double) cut / lengths.count);
    if (turns.count > 0 && turns.highest > 1) {
      metrics.put("turns/mean", turns.mean());
      metrics.put("turns/max", turns.highest);
    }
    return metrics;
  }

  /** Running mean and deviation of some numbers. */
  private static final class Moments {
    private long count;
    private double mean;
    private double squares;
    private double lowest = Double.POSITIVE_INFINITY;
    private double highest = Double.NEGATIVE_INFINITY;

    /** Welford's update. */
    void add(double value) {
      count++;
      double distance = value - mean;
      mean += distance / count;
      squares += distance * (value - mean);
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }

    double mean() {
      return count == 0 ? Double.NaN : mean;
    }

    double deviation() {
      return count == 0 ? Double.NaN : Math.sqrt(squares / count);
    }
  }
}

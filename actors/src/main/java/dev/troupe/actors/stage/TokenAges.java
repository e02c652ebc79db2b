package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.record.Metric;
import java.util.List;
import java.util.Map;

/**
 * How old the tokens of a step are, in versions: 0 for those that the trained version itself
 * sampled.
 */
final class TokenAges {
  private final long[] tokens;
  private long rollouts;
  private long mixed;

  private TokenAges(int staleness) {
    this.tokens = new long[staleness + 1];
  }

  /**
   * Counts the tokens of groups.
   *
   * @param versions those that may have sampled, oldest first; the last one is trained
   * @param staleness highest age
   */
  static TokenAges of(List<ScoredGroup> groups, List<PolicyVersion> versions, int staleness) {
    var ages = new TokenAges(staleness);
    List<String> digests = versions.stream().map(PolicyVersion::digest).toList();
    for (ScoredGroup group : groups) {
      for (Rollout rollout : group.group().rollouts()) {
        ages.add(rollout, digests);
      }
    }
    return ages;
  }

  private void add(Rollout rollout, List<String> digests) {
    Provenance provenance = rollout.provenance();
    List<PolicyVersion> versions = provenance.versions();
    for (int i = 0; i < versions.size(); i++) {
      // Weights that a step did not change have one digest and several versions: the newest counts.
      int age = digests.size() - 1 - digests.lastIndexOf(versions.get(i).digest());
      tokens[age] += provenance.tokens(i, rollout.length());
    }
    rollouts++;
    mixed += versions.size() > 1 ? 1 : 0;
  }

  /** The mean, the highest, the share of each age, and how many rollouts have several. */
  void into(Map<String, Double> metrics) {
    long all = 0;
    long sum = 0;
    int highest = 0;
    for (int age = 0; age < tokens.length; age++) {
      all += tokens[age];
      sum += age * tokens[age];
      highest = tokens[age] > 0 ? age : highest;
    }
    if (all == 0) {
      return;
    }
    metrics.put(Metric.STALENESS_MEAN.name(), (double) sum / all);
    metrics.put("staleness/max", (double) highest);
    for (int age = 0; age < tokens.length; age++) {
      metrics.put("staleness/share-" + age, (double) tokens[age] / all);
    }
    metrics.put(Metric.STALENESS_MIXED.name(), (double) mixed / rollouts);
  }
}

package dev.troupe.actors.supervisor;

import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.runtime.record.Metric;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the time of one step went. */
final class StepClock {
  private static final double NANOS = 1e9;

  private final Clock clock;
  private final Instant begin;

  StepClock(Clock clock) {
    this.clock = clock;
    this.begin = clock.instant();
  }

  /** Wall time since the step began, seconds. */
  double seconds() {
    return Duration.between(begin, clock.instant()).toNanos() / NANOS;
  }

  /**
   * The learner's metrics with the times and counts of the whole company added.
   *
   * @param isSelected whether the learner saw a selection of the groups only, whose rewards say
   *     little of the policy
   */
  Map<String, Double> measure(StepResult result, List<GroupFacts> facts, boolean isSelected) {
    double total = seconds();
    double train = result.nanos() / NANOS;
    double generate = 0;
    double reward = 0;
    double reference = 0;
    double tokens = 0;
    double failed = 0;
    for (GroupFacts group : facts) {
      generate += group.generateNanos() / NANOS;
      reward += group.rewardNanos() / NANOS;
      reference += group.referenceNanos() / NANOS;
      tokens += group.tokens();
      failed += group.failures().size();
    }
    var values = new LinkedHashMap<>(result.metrics());
    if (!facts.isEmpty()) {
      if (isSelected) {
        values.put("reward/trained", values.get(Metric.REWARD_MEAN.name()));
        values.put(Metric.REWARD_MEAN.name(), meanReward(facts));
        values.put("groups/sampled", (double) facts.size());
      }
      values.put(Metric.REWARD_FAILED.name(), failed);
      values.put(Metric.TOKENS_GENERATED.name(), tokens);
      values.put(Metric.TIME_GENERATE.name(), generate);
      values.put(Metric.TIME_SCORE.name(), reward);
      values.put(Metric.TIME_REFERENCE.name(), reference);
      values.put("tokens/generated-per-second", generate > 0 ? tokens / generate : 0);
    }
    Double trained = result.metrics().get(Metric.TOKENS_TRAINED.name());
    if (trained != null) {
      values.put("tokens/trained-per-second", train > 0 ? trained / train : 0);
    }
    values.put(Metric.TIME_TRAIN.name(), train);
    values.put("time/step-seconds", total);
    // Whatever overlaps, the device does one thing at a time; the rest is messages, rewards,
    // records.
    Double tensor = result.metrics().get(Metric.TIME_TENSOR.name());
    if (tensor != null) {
      values.put("time/overhead-seconds", Math.max(0, total - tensor));
    }
    values.put("policy/step", (double) result.inForce().step());
    return values;
  }

  private static double meanReward(List<GroupFacts> facts) {
    return facts.stream()
        .flatMap(group -> group.rewards().stream())
        .mapToDouble(Double::doubleValue)
        .filter(reward -> !Double.isNaN(reward))
        .average()
        .orElse(Double.NaN);
  }
}

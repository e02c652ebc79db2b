package dev.troupe.actors.run;

import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.kl.KlEstimator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How far a policy is from another one, measured on its own completions of the held-out prompts.
 * Both estimators have the divergence {@code KL(policy, reference)} of a whole completion as their
 * mean; the second one's is never negative and mostly surer.
 *
 * @param reference the stage of the other policy
 * @param k1 of each prompt the mean of {@code sum over tokens of ln(policy / reference)}, nats
 * @param k3 the same of {@code sum over tokens of reference / policy - 1 - ln(reference / policy)}
 */
record ReferenceDistance(String reference, List<Double> k1, List<Double> k3) {

  /** Copies the lists. */
  ReferenceDistance {
    k1 = List.copyOf(k1);
    k3 = List.copyOf(k3);
  }

  /**
   * @param groups scored groups in the order of their prompts
   * @return empty if nobody gave log-probabilities
   */
  static Optional<ReferenceDistance> of(String reference, Collection<ScoredGroup> groups) {
    if (groups.isEmpty()
        || groups.stream()
            .anyMatch(
                group -> group.reference() == null || group.reference().reference() == null)) {
      return Optional.empty();
    }
    var k1 = new ArrayList<Double>();
    var k3 = new ArrayList<Double>();
    for (ScoredGroup group : groups) {
      k1.add(mean(group, KlEstimator.K1));
      k3.add(mean(group, KlEstimator.K3));
    }
    return Optional.of(new ReferenceDistance(reference, k1, k3));
  }

  private static double mean(ScoredGroup group, KlEstimator estimator) {
    List<Rollout> rollouts = group.group().rollouts();
    return IntStream.range(0, rollouts.size())
        .mapToDouble(
            row ->
                sum(estimator, rollouts.get(row).logps(), group.reference().reference().get(row)))
        .average()
        .orElseThrow();
  }

  private static double sum(KlEstimator estimator, float[] logps, float[] reference) {
    double sum = 0;
    for (int t = 0; t < logps.length; t++) {
      sum += estimator.perToken((double) logps[t] - reference[t]);
    }
    return sum;
  }

  /** Such as {@code 1.27 nats away}. */
  String label() {
    return String.format(Locale.ROOT, "%.2f nats away", average(k3));
  }

  private static double average(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}

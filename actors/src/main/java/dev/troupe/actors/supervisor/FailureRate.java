package dev.troupe.actors.supervisor;

import dev.troupe.actors.protocol.GroupFacts;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Tells a reward function that is broken from completions that it cannot score. */
final class FailureRate {
  private FailureRate() {}

  /** A sentence that ends the run when more than this share of the rollouts failed. */
  static Optional<String> verdict(List<GroupFacts> facts, double limit) {
    long rollouts = facts.stream().mapToLong(group -> group.rewards().size()).sum();
    List<String> failures = facts.stream().flatMap(group -> group.failures().stream()).toList();
    if (failures.size() <= limit * rollouts) {
      return Optional.empty();
    }
    return Optional.of(
        "%d of %d rollouts of one step could not be scored (more than %.0f%% stops the run), most often because: %s."
            .formatted(failures.size(), rollouts, 100 * limit, mostFrequent(failures)));
  }

  private static String mostFrequent(List<String> failures) {
    return failures.stream()
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))
        .entrySet()
        .stream()
        .max(
            Map.Entry.<String, Long>comparingByValue()
                .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
        .orElseThrow()
        .getKey();
  }
}

package dev.troupe.actors.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.calibration.Confidence;
import dev.troupe.runtime.reward.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What an evaluation shows beside its one number: each objective where there are several, and how
 * sure the answers said they are where they say it.
 *
 * @param components for each reward function by name, its mean over the completions of each prompt,
 *     in the order of the prompts; empty when there is but one
 * @param confidences stated confidence of each scored completion, in [0, 1]; empty when none states
 *     one
 * @param right whether each of these completions has full marks
 * @param distance how far the policy is from its reference; null where nobody measured it
 * @param filters how filters of PF-PPO compare; null where nobody asked
 */
record EvaluationDetails(
    Map<String, List<Double>> components,
    List<Double> confidences,
    List<Boolean> right,
    ReferenceDistance distance,
    FilterComparison filters) {
  /** Nothing more than the number. */
  static final EvaluationDetails NONE =
      new EvaluationDetails(Map.of(), List.of(), List.of(), null, null);

  /**
   * @param groups scored groups by the index of their prompt
   * @param fullMark total reward from which a completion counts as right
   */
  static EvaluationDetails of(SortedMap<Integer, ScoredGroup> groups, double fullMark) {
    var components = new LinkedHashMap<String, List<Double>>();
    var confidences = new ArrayList<Double>();
    var right = new ArrayList<Boolean>();
    boolean isAnyStated = false;
    for (ScoredGroup group : groups.values()) {
      var sums = new LinkedHashMap<String, Double>();
      int scored = 0;
      for (int row = 0; row < group.outcomes().size(); row++) {
        if (group.outcomes().get(row) instanceof Outcome.Scored outcome) {
          scored++;
          outcome.components().forEach((name, value) -> sums.merge(name, value, Double::sum));
          Rollout rollout = group.group().rollouts().get(row);
          Confidence stated = Confidence.parse(rollout.text(), Confidence.IF_MISSING);
          isAnyStated |= stated.isStated();
          confidences.add(stated.value());
          right.add(GroupFacts.reward(outcome) >= fullMark);
        }
      }
      int completions = scored;
      sums.forEach(
          (name, sum) ->
              components.computeIfAbsent(name, it -> new ArrayList<>()).add(sum / completions));
    }
    return new EvaluationDetails(
        components.size() > 1 ? components : Map.of(),
        isAnyStated ? confidences : List.of(),
        isAnyStated ? right : List.of(),
        null,
        null);
  }

  /** The same with what frozen models said of the completions. */
  EvaluationDetails with(
      Optional<ReferenceDistance> measured, Optional<FilterComparison> compared) {
    return new EvaluationDetails(
        components, confidences, right, measured.orElse(null), compared.orElse(null));
  }

  /** Whether completions said how sure they are. */
  @JsonIgnore
  boolean hasConfidence() {
    return !confidences.isEmpty();
  }
}

package dev.troupe.actors.protocol;

import dev.troupe.runtime.model.PolicyVersion;
import java.util.List;

/**
 * The models in force once a policy version is published. A ticket bound to that policy version is
 * bound to all of them, so its rollouts and scores do not depend on when somebody works on it.
 *
 * @param step how many steps of the stage the policy has been trained for; 0 at the start
 * @param policy the policy that samples
 * @param scoring the frozen models that score what it samples
 * @param candidates versions that the next step compares with each other, each newer than the one
 *     before and than the policy; empty where the policy itself samples
 */
public record VersionSet(
    long step, PolicyVersion policy, ScoringModels scoring, List<PolicyVersion> candidates) {

  /** Copies the list and refuses versions that go back. */
  public VersionSet {
    candidates = List.copyOf(candidates);
    PolicyVersion last = policy;
    for (PolicyVersion candidate : candidates) {
      if (!candidate.isNewerThan(last)) {
        throw new IllegalArgumentException(
            "step %d: candidate %s is not newer than %s".formatted(step, candidate, last));
      }
      last = candidate;
    }
  }

  /** The versions of a step that compares none. */
  public VersionSet(long step, PolicyVersion policy, ScoringModels scoring) {
    this(step, policy, scoring, List.of());
  }

  /** The versions that sample: the candidates, or the policy alone. */
  public List<PolicyVersion> sampling() {
    return candidates.isEmpty() ? List.of(policy) : candidates;
  }

  /** The newest of all versions of policies here. */
  public PolicyVersion newest() {
    return candidates.isEmpty() ? policy : candidates.get(candidates.size() - 1);
  }
}

package dev.troupe.actors.protocol;

import dev.troupe.runtime.model.PolicyVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a rollout comes from.
 *
 * @param generator name of the generator that decoded it
 * @param unit the work unit it was decoded in
 * @param policy the version that sampled its first tokens, with the digest that the generator
 *     computed itself
 * @param renewals where newer versions took over, in order; empty where one sampled every token
 */
public record Provenance(
    String generator, UnitId unit, PolicyVersion policy, List<Renewal> renewals) {

  /**
   * Where a newer version took over.
   *
   * @param from index of the first token that it sampled, at least 1
   * @param policy the version
   */
  public record Renewal(int from, PolicyVersion policy) {}

  /** Copies the list and refuses renewals that go back, in tokens or in versions. */
  public Provenance {
    renewals = List.copyOf(renewals);
    int last = 0;
    PolicyVersion held = policy;
    for (Renewal renewal : renewals) {
      if (renewal.from() <= last || !renewal.policy().isNewerThan(held)) {
        throw new IllegalArgumentException(
            "provenance in unit %s goes back: %s from token %d on after %s from token %d on"
                .formatted(unit, renewal.policy(), renewal.from(), held, last));
      }
      last = renewal.from();
      held = renewal.policy();
    }
  }

  /** A rollout that one version sampled. */
  public Provenance(String generator, UnitId unit, PolicyVersion policy) {
    this(generator, unit, policy, List.of());
  }

  /** All versions that sampled, oldest first. */
  public List<PolicyVersion> versions() {
    var versions = new ArrayList<PolicyVersion>(1 + renewals.size());
    versions.add(policy);
    renewals.forEach(renewal -> versions.add(renewal.policy()));
    return versions;
  }

  /**
   * How many tokens the n-th of {@link #versions} sampled.
   *
   * @param index from 0
   * @param length tokens of the rollout
   */
  public int tokens(int index, int length) {
    int from = index == 0 ? 0 : renewals.get(index - 1).from();
    int to = index == renewals.size() ? length : renewals.get(index).from();
    return Math.max(0, Math.min(to, length) - from);
  }
}

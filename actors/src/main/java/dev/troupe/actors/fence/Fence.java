package dev.troupe.actors.fence;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.Collection;
import java.util.Set;

/**
 * The decisions that keep a run from learning from weights that it did not mean. Each is a pure
 * function; supervisor, generators, experience and learner ask the same ones. They are methods of
 * an object, not static, so that a check of the protocol can take one away and see what breaks.
 */
public class Fence {
  /** The rules as they are. */
  public static final Fence STRICT = new Fence();

  /**
   * Whether who showed a version may do work that is bound to one: only if epoch, number and digest
   * agree. The supervisor asks before it grants, the generator before it decodes.
   *
   * @param bound the version that the work is bound to
   * @param proved the version shown, with the digest computed by who shows it; null for none
   */
  public boolean isProof(PolicyVersion bound, PolicyVersion proved) {
    return bound.equals(proved);
  }

  /**
   * Whether a generator takes up a version that it is offered: not one of an epoch before the
   * latest that it has seen, for then a supervisor speaks that has been replaced. Within an epoch
   * an older version may be needed again, to repeat work that was lost.
   *
   * @param offered the version
   * @param latestEpoch highest epoch of the versions it took up since it was started; -1 for none
   */
  public boolean mayTakeUp(PolicyVersion offered, int latestEpoch) {
    return offered.epoch() >= latestEpoch;
  }

  /**
   * Whether versions may be put in force after others: only newer ones, or the same policy again
   * where nobody samples with what was learnt.
   *
   * @param next the policy that comes into force
   * @param policy the policy in force
   * @param newest the newest version in force, the policy or one of its candidates
   */
  public boolean mayFollow(PolicyVersion next, PolicyVersion policy, PolicyVersion newest) {
    return next.equals(policy) || next.isNewerThan(newest);
  }

  /**
   * Whether tokens may be learnt from: only if they were sampled by weights of the digest that they
   * should have been sampled by. Epoch and number play no part, for a group that was made before a
   * restart is as good as one made after it.
   *
   * @param bound the version that the ticket is bound to
   * @param sampled the version that sampled, with the digest computed by the generator
   */
  public boolean isLearnable(PolicyVersion bound, PolicyVersion sampled) {
    return bound.digest().equals(sampled.digest());
  }

  /**
   * Whether work that several versions may do may be done by one of them: by that of the ticket and
   * by newer ones of the same epoch.
   *
   * @param oldest the version that the ticket is bound to
   * @param held the version proved; null for none
   */
  public boolean isFresh(PolicyVersion oldest, PolicyVersion held) {
    return held != null
        && (held.equals(oldest) || held.epoch() == oldest.epoch() && held.isNewerThan(oldest));
  }

  /**
   * Whether tokens may be learnt from that any of several versions may have sampled.
   *
   * @param bound the versions
   * @param sampled the version that sampled, with the digest computed by the generator
   */
  public final boolean isLearnable(Collection<PolicyVersion> bound, PolicyVersion sampled) {
    return bound.stream().anyMatch(version -> isLearnable(version, sampled));
  }

  /**
   * Refuses a group with a token that may not be learnt from.
   *
   * @param bound the versions that may have sampled
   * @throws IllegalStateException with a sentence that names the rollout and the versions
   */
  public final void requireLearnable(Collection<PolicyVersion> bound, Group group) {
    for (Rollout rollout : group.rollouts()) {
      for (PolicyVersion sampled : rollout.provenance().versions()) {
        if (!isLearnable(bound, sampled)) {
          throw new IllegalStateException(
              "rollout %d of group %s was sampled by %s, but is learnt from as one of %s"
                  .formatted(rollout.sample(), group.ticket().id(), sampled, bound));
        }
      }
    }
  }

  /**
   * Whether a complete group counts: only the first time.
   *
   * @param ticket whose group it is
   * @param counted the tickets whose groups have been counted
   */
  public boolean counts(TicketId ticket, Set<TicketId> counted) {
    return !counted.contains(ticket);
  }
}

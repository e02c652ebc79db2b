package dev.troupe.actors.fence;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The experience's side of the fence: which groups are let in. A group must be bound to a version
 * that the learner has put in force, be sampled by that version's weights, and still be of use.
 * Plain state of the experience, no actor.
 */
public final class Intake {
  /**
   * Steps whose versions are remembered. Tickets are bound to versions at most 8 steps old, the
   * highest staleness; what is older is of no use.
   */
  private static final int MOST_STEPS = 16;

  private final Fence fence;
  private final TreeMap<Long, VersionSet> inForce = new TreeMap<>();
  private final Map<String, Long> forgottenBefore = new HashMap<>();

  /** Lets nothing in until a version is in force. */
  public Intake(Fence fence) {
    this.fence = fence;
  }

  /** The learner has put versions in force. */
  public void know(VersionSet versions) {
    inForce.put(versions.step(), versions);
    while (inForce.size() > MOST_STEPS) {
      inForce.pollFirstEntry();
    }
  }

  /** Whether a group may be learnt from, as far as one can see here. */
  public boolean admits(Group group) {
    return admits(
        group.ticket(),
        group.rollouts().stream().map(rollout -> rollout.provenance().policy()).toList());
  }

  /**
   * Whether what was sampled for a ticket may be learnt from.
   *
   * @param sampled the versions that sampled its rollouts
   */
  public boolean admits(Ticket ticket, Iterable<PolicyVersion> sampled) {
    if (!isKnown(ticket.policy())) {
      return false;
    }
    for (PolicyVersion version : sampled) {
      if (!fence.isLearnable(ticket.policy(), version)) {
        return false;
      }
    }
    return true;
  }

  private boolean isKnown(PolicyVersion bound) {
    return inForce.values().stream()
        .flatMap(versions -> versions.sampling().stream())
        .anyMatch(version -> fence.isLearnable(version, bound));
  }

  /** Whether a ticket is not over. */
  public boolean isWanted(TicketId ticket) {
    return ticket.ordinal() >= forgottenBefore.getOrDefault(ticket.phase(), 0L);
  }

  /** Tickets of a phase below an ordinal are over. */
  public void forget(String phase, long before) {
    forgottenBefore.merge(phase, before, Math::max);
  }

  /** Nothing is in force and nothing is over. */
  public void clear() {
    inForce.clear();
    forgottenBefore.clear();
  }
}

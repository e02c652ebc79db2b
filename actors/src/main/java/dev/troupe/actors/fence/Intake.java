package dev.troupe.actors.fence;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.Pacing;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The experience's side of the fence: which groups are let in. A group must be bound to a version
 * that the learner has put in force, be sampled by that version's weights or, with {@link
 * Pacing#NEWEST}, by those of newer ones in force, and still be of use. Plain state of the
 * experience, no actor.
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

  /**
   * Whether a group may be learnt from, as far as one can see here.
   *
   * @param pacing of the unit that it was decoded in
   */
  public boolean admits(Group group, Pacing pacing) {
    return admits(
        group.ticket(),
        pacing,
        group.rollouts().stream()
            .flatMap(rollout -> rollout.provenance().versions().stream())
            .toList());
  }

  /**
   * Whether what was sampled for a ticket may be learnt from.
   *
   * @param pacing whether newer versions than the ticket's may have sampled
   * @param sampled the versions that sampled its rollouts
   */
  public boolean admits(Ticket ticket, Pacing pacing, Collection<PolicyVersion> sampled) {
    PolicyVersion bound = ticket.policy();
    List<PolicyVersion> known =
        inForce.values().stream().flatMap(versions -> versions.sampling().stream()).toList();
    List<PolicyVersion> may =
        pacing == Pacing.NEWEST
            ? known.stream().filter(version -> version.number() >= bound.number()).toList()
            : List.of(bound);
    return fence.isLearnable(known, bound)
        && sampled.stream().allMatch(version -> fence.isLearnable(may, version));
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

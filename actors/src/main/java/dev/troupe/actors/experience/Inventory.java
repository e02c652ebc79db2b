package dev.troupe.actors.experience;

import dev.troupe.actors.fence.Fence;
import dev.troupe.actors.fence.Intake;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.RewardPart;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.runtime.settings.Pacing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The groups of the opened stage: those whose parts come together, and those that have all of them.
 * What is complete, or not needed any more, takes no further part. Plain state of the experience,
 * no actor.
 */
final class Inventory {
  private final Map<TicketId, Joining> joining = new HashMap<>();
  private final Map<TicketId, FinishedGroup> complete = new HashMap<>();
  private final Intake intake = new Intake(Fence.STRICT);

  /** Whether something of a ticket is still missing and not too late. */
  boolean isWanted(TicketId ticket) {
    return !complete.containsKey(ticket) && intake.isWanted(ticket);
  }

  /**
   * Why a group may not be learnt from, if so. A group that is refused stays wanted: its unit is
   * given out again when its time is over.
   *
   * @param pacing of the unit that it was decoded in
   */
  Optional<String> objection(Group group, Pacing pacing) {
    return intake.admits(group, pacing)
        ? Optional.empty()
        : Optional.of(
            "The group of ticket %s was refused: it is bound to policy version %s and was sampled by %s, which the learner has not put in force"
                .formatted(
                    group.ticket().id(),
                    group.ticket().policy(),
                    group.rollouts().get(0).provenance()));
  }

  /** What there is of a ticket that is wanted. */
  Joining parts(TicketId ticket) {
    return joining.computeIfAbsent(ticket, id -> new Joining());
  }

  /** Adds the rewards of a group, if they are wanted. */
  void add(RewardPart part) {
    if (isWanted(part.ticket())) {
      parts(part.ticket()).add(part);
    }
  }

  /** Adds what the frozen models say of a group, if it is wanted. */
  void add(ReferencePart part) {
    if (isWanted(part.ticket())) {
      parts(part.ticket()).add(part);
    }
  }

  /** Completes a group whose last part has come just now; empty for all others. */
  Optional<FinishedGroup> complete(TicketId ticket) {
    Joining parts = joining.get(ticket);
    if (parts == null || !parts.isComplete()) {
      return Optional.empty();
    }
    joining.remove(ticket);
    FinishedGroup group = parts.finished();
    complete.put(ticket, group);
    return Optional.of(group);
  }

  /**
   * Takes groups that were completed before a restart.
   *
   * @return those that may be learnt from
   */
  List<FinishedGroup> recall(List<FinishedGroup> groups, Pacing pacing) {
    List<FinishedGroup> admitted =
        groups.stream().filter(group -> intake.admits(group.scored().group(), pacing)).toList();
    admitted.forEach(group -> complete.putIfAbsent(group.ticket().id(), group));
    return admitted;
  }

  /** The complete group of a ticket; null when it has none. */
  FinishedGroup find(TicketId ticket) {
    return complete.get(ticket);
  }

  /** Drops the tickets of a phase below an ordinal, and whatever may still come for them. */
  void forget(String phase, long before) {
    intake.forget(phase, before);
    joining.keySet().removeIf(ticket -> !isWanted(ticket));
    complete.keySet().removeIf(ticket -> ticket.phase().equals(phase) && ticket.ordinal() < before);
  }

  /** The learner has put versions in force; groups of others are refused. */
  void know(VersionSet versions) {
    intake.know(versions);
  }

  /** Drops everything. */
  void clear() {
    joining.clear();
    complete.clear();
    intake.clear();
  }
}

package dev.troupe.actors.protocol;

import java.util.List;

/**
 * Some of the groups of one work unit, few enough to be one message. A harvest travels in parts
 * because a message between nodes has a largest size.
 *
 * @param unit what was asked for
 * @param first index of the ticket that the first group answers
 * @param groups one a ticket, in the order of the unit's tickets
 * @param nanos time that decoding the whole unit took
 */
public record HarvestPart(WorkUnit unit, int first, List<Group> groups, long nanos) {

  /**
   * Tokens of one part: with ids, log-probabilities and text at most about 11 bytes each, well
   * below the largest message that nodes exchange (4 MiB).
   */
  public static final long MOST_TOKENS = 1 << 17;

  /** Copies the list and refuses groups of other tickets. */
  public HarvestPart {
    groups = List.copyOf(groups);
    boolean fits = first >= 0 && first + groups.size() <= unit.tickets().size();
    for (int i = 0; fits && i < groups.size(); i++) {
      fits = groups.get(i).ticket().equals(unit.tickets().get(first + i));
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "part of the harvest of " + unit.id() + " is not of its tickets");
    }
  }
}

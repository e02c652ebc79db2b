package dev.troupe.actors.protocol;

import java.util.List;

/**
 * The groups of one work unit, as they leave the generator.
 *
 * @param unit what was asked for
 * @param groups one a ticket, in the order of the unit's tickets
 * @param nanos time that decoding took
 */
public record Harvest(WorkUnit unit, List<Group> groups, long nanos) {

  /** Copies the list and refuses groups of other tickets. */
  public Harvest {
    groups = List.copyOf(groups);
    boolean fits = groups.size() == unit.tickets().size();
    for (int i = 0; fits && i < groups.size(); i++) {
      fits = groups.get(i).ticket().equals(unit.tickets().get(i));
    }
    if (!fits) {
      throw new IllegalArgumentException("harvest of " + unit.id() + " is not of its tickets");
    }
  }

  /** Tokens of all rollouts together, prompts not counted. */
  public long tokens() {
    long tokens = 0;
    for (Group group : groups) {
      tokens += group.tokens();
    }
    return tokens;
  }
}

package dev.troupe.actors.protocol;

import java.util.ArrayList;
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

  /**
   * The same in messages of limited size.
   *
   * @param mostTokens how many tokens, prompts included, a message may have; a single group may
   *     have more
   */
  public List<HarvestPart> parts(long mostTokens) {
    var parts = new ArrayList<HarvestPart>();
    int from = 0;
    long tokens = 0;
    for (int i = 0; i < groups.size(); i++) {
      long more = groups.get(i).carried();
      if (i > from && tokens + more > mostTokens) {
        parts.add(part(from, i));
        from = i;
        tokens = 0;
      }
      tokens += more;
    }
    parts.add(part(from, groups.size()));
    return parts;
  }

  private HarvestPart part(int from, int to) {
    return new HarvestPart(unit, from, groups.subList(from, to), nanos);
  }
}

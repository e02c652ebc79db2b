package dev.troupe.actors.protocol;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Puts harvests together again from their parts, which may come in any order and more than once.
 * Plain state of one actor.
 */
public final class Assembly {
  /** Harvests whose sender died before the last part; older ones are given up. */
  private static final int MOST_UNFINISHED = 64;

  private final Map<UnitId, Group[]> unfinished =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UnitId, Group[]> eldest) {
          return size() > MOST_UNFINISHED;
        }
      };

  /**
   * Adds a part.
   *
   * @return the whole, if this was the last part that was missing
   */
  public Optional<Harvest> add(HarvestPart part) {
    WorkUnit unit = part.unit();
    Group[] groups = unfinished.computeIfAbsent(unit.id(), id -> new Group[unit.tickets().size()]);
    for (int i = 0; i < part.groups().size(); i++) {
      groups[part.first() + i] = part.groups().get(i);
    }
    if (Arrays.stream(groups).anyMatch(Objects::isNull)) {
      return Optional.empty();
    }
    unfinished.remove(unit.id());
    return Optional.of(new Harvest(unit, List.of(groups), part.nanos()));
  }

  /** Forgets all parts. */
  public void clear() {
    unfinished.clear();
  }
}

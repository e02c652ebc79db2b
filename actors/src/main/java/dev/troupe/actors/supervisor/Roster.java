package dev.troupe.actors.supervisor;

import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.VersionSet;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Which roles the run needs and whether somebody plays them. A needed role that nobody plays is a
 * wait of the run. Plain state of the supervisor, no actor.
 */
final class Roster {
  private final Waits waits;
  private final Duration patience;
  private final Map<Role, Integer> needed = new EnumMap<>(Role.class);
  private final Map<Role, Integer> present = new EnumMap<>(Role.class);

  /**
   * @param patience how long a needed role may be played by nobody before the run stops
   */
  Roster(Waits waits, Duration patience) {
    this.waits = waits;
    this.patience = patience;
  }

  /** From now on the run cannot go on without this role. */
  void need(Role role) {
    if (!needed.containsKey(role)) {
      need(role, 1);
    }
  }

  /** From now on the run cannot go on unless so many play this role. */
  void need(Role role, int players) {
    needed.put(role, players);
    watch(role);
  }

  /** From now on it cannot go on without those who score what these versions sample. */
  void needFor(VersionSet versions) {
    if (!versions.scoring().isEmpty()) {
      need(Role.REFERENCE);
    }
  }

  /** Takes note of how many play a role now. */
  void count(Role role, int players) {
    present.put(role, players);
    watch(role);
  }

  /** Whether every needed role is played. */
  boolean isComplete() {
    return needed.keySet().stream().allMatch(this::isPlayed);
  }

  /** Waits again for what is missing, after all waits were cleared. */
  void watchAll() {
    List.copyOf(needed.keySet()).forEach(this::watch);
  }

  private void watch(Role role) {
    var key = new WaitKey.Player(role.toString());
    if (!needed.containsKey(role) || isPlayed(role)) {
      waits.close(key);
    } else if (!waits.isOpen(key)) {
      int players = needed.get(role);
      waits.open(
          key,
          "%s the role %s (start one with: troupe node --roles %s --seed-nodes HOST:PORT)"
              .formatted(
                  players == 1 ? "a node that plays" : players + " nodes that play", role, role),
          patience,
          "the run stops");
    }
  }

  private boolean isPlayed(Role role) {
    return present.getOrDefault(role, 0) >= needed.get(role);
  }
}

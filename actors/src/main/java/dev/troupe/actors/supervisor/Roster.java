package dev.troupe.actors.supervisor;

import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.VersionSet;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Which roles the run needs and whether somebody plays them. A needed role that nobody plays is a
 * wait of the run. Plain state of the supervisor, no actor.
 */
final class Roster {
  private final Waits waits;
  private final Duration patience;
  private final Set<Role> needed = EnumSet.noneOf(Role.class);
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
    if (needed.add(role)) {
      watch(role);
    }
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
    return needed.stream().allMatch(role -> present.getOrDefault(role, 0) > 0);
  }

  /** Waits again for what is missing, after all waits were cleared. */
  void watchAll() {
    needed.forEach(this::watch);
  }

  private void watch(Role role) {
    var key = new WaitKey.Player(role.toString());
    if (!needed.contains(role) || present.getOrDefault(role, 0) > 0) {
      waits.close(key);
    } else if (!waits.isOpen(key)) {
      waits.open(
          key,
          "a node that plays the role %s (start one with: troupe node --roles %s --seed-nodes HOST:PORT)"
              .formatted(role, role),
          patience,
          "the run stops");
    }
  }
}

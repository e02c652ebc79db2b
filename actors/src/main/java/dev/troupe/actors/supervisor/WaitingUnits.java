package dev.troupe.actors.supervisor;

import dev.troupe.actors.protocol.UnitId;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The units that wait for a generator, in the order in which they were planned, by the version that
 * they need. There may be thousands of them, and of generators that ask, so nothing here looks at
 * each. Plain state of the supervisor, no actor.
 */
final class WaitingUnits {
  private final Map<PolicyVersion, TreeMap<Long, UnitId>> byVersion = new LinkedHashMap<>();

  /**
   * @param place of the unit in the order of planning
   */
  void add(PolicyVersion version, long place, UnitId unit) {
    byVersion.computeIfAbsent(version, it -> new TreeMap<>()).put(place, unit);
  }

  void remove(PolicyVersion version, long place) {
    TreeMap<Long, UnitId> units = byVersion.get(version);
    if (units != null && units.remove(place) != null && units.isEmpty()) {
      byVersion.remove(version);
    }
  }

  boolean isEmpty() {
    return byVersion.isEmpty();
  }

  /** The first unit of a version that is proved. */
  Optional<UnitId> first(Predicate<PolicyVersion> isProved) {
    return byVersion.entrySet().stream()
        .filter(it -> isProved.test(it.getKey()))
        .map(it -> it.getValue().firstEntry())
        .min(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue);
  }

  /**
   * The version of the first unit, among those that have more units than generators which are
   * taking them up.
   *
   * @param coming how many generators are taking up a version
   */
  Optional<PolicyVersion> wanted(Map<PolicyVersion, Integer> coming) {
    return byVersion.entrySet().stream()
        .filter(it -> it.getValue().size() > coming.getOrDefault(it.getKey(), 0))
        .min(Comparator.comparing(it -> it.getValue().firstKey()))
        .map(Map.Entry::getKey);
  }

  void clear() {
    byVersion.clear();
  }
}

package dev.troupe.actors.supervisor;

import dev.troupe.actors.fence.Fence;
import dev.troupe.actors.protocol.VersionSet;
import java.util.TreeMap;

/**
 * The versions in force after each step of a stage. They never become older; steps whose weights
 * nobody samples with may leave them as they are.
 */
final class Versions {
  private final TreeMap<Long, VersionSet> byStep = new TreeMap<>();
  private final Fence fence;

  Versions() {
    this(Fence.STRICT);
  }

  Versions(Fence fence) {
    this.fence = fence;
  }

  void add(VersionSet inForce) {
    if (!byStep.isEmpty()
        && (inForce.step() <= newest().step()
            || !fence.mayFollow(inForce.policy(), newest().policy(), newest().newest()))) {
      throw new IllegalStateException(
          "policy versions never go back: step %d published %s after step %d had published %s"
              .formatted(inForce.step(), inForce.policy(), newest().step(), newest().policy()));
    }
    byStep.put(inForce.step(), inForce);
  }

  boolean isEmpty() {
    return byStep.isEmpty();
  }

  VersionSet newest() {
    return byStep.lastEntry().getValue();
  }

  /** The versions in force after that many steps. */
  VersionSet at(long steps) {
    VersionSet inForce = byStep.get(steps);
    if (inForce == null) {
      throw new IllegalStateException(
          "no version is known for step " + steps + ", only for " + byStep.keySet());
    }
    return inForce;
  }
}

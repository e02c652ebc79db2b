package dev.troupe.runtime.settings;

import java.util.List;
import java.util.Set;

/**
 * Low-rank additions to frozen weights (Hu et al. 2021).
 *
 * @param rank rank of each addition
 * @param alpha scale: an addition is multiplied by alpha / rank
 * @param targets adapted projections, among q, k, v, o, gate, up and down
 */
public record LoraSettings(int rank, double alpha, Set<String> targets) {
  private static final List<String> PROJECTIONS = List.of("q", "k", "v", "o", "gate", "up", "down");

  /** Copies the set. */
  public LoraSettings {
    targets = Set.copyOf(targets);
  }

  static LoraSettings from(Checked c) {
    List<String> targets = c.texts("targets");
    if (c.isSound("targets") && (targets.isEmpty() || !PROJECTIONS.containsAll(targets))) {
      c.refuse("targets", "must be some of " + String.join(", ", PROJECTIONS));
    }
    return new LoraSettings(
        c.integer("rank", 1, 1024), c.decimal("alpha", 0.001, 10_000.0), Set.copyOf(targets));
  }
}

package dev.troupe.runtime.settings;

import java.util.Optional;

/**
 * When the state of a stage is written down, and which checkpoints stay.
 *
 * @param every learner steps between two checkpoints
 * @param keep newest checkpoints kept for each stage
 * @param keepEvery steps whose number is a multiple of this keep theirs too; 0 for none
 * @param bestBy metric by which the best checkpoint is found, which stays too; empty for none
 * @param goal what is best
 */
public record CheckpointSettings(
    int every, int keep, int keepEvery, Optional<String> bestBy, Goal goal) {

  /** What is best. */
  public enum Goal {
    /** The largest value. */
    MAX,
    /** The smallest value. */
    MIN
  }

  static CheckpointSettings from(Checked c) {
    return new CheckpointSettings(
        c.integer("every", 1, 1_000_000),
        c.integer("keep", 1, 1000),
        c.integer("keep-every", 0, 1_000_000_000),
        c.optional("best-by", c::text),
        c.choice("best-goal", Goal.class));
  }
}

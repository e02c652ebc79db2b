package dev.troupe.runtime.settings;

/**
 * When the state of a stage is written down.
 *
 * @param every learner steps between two checkpoints
 * @param keep newest checkpoints kept for each stage, beside the best one
 */
public record CheckpointSettings(int every, int keep) {

  static CheckpointSettings from(Checked c) {
    return new CheckpointSettings(c.integer("every", 1, 1_000_000), c.integer("keep", 1, 1000));
  }
}

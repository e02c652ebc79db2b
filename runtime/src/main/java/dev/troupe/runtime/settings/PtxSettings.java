package dev.troupe.runtime.settings;

/**
 * Demonstrations that are learnt beside the completions, against forgetting (PPO-ptx).
 *
 * @param coefficient weight of their loss; 0 = none
 * @param batch demonstrations of an optimizer step
 */
public record PtxSettings(double coefficient, int batch) {

  static PtxSettings from(Checked c) {
    return new PtxSettings(
        c.decimal("coefficient", 0.0, 1000.0), c.integer("batch", 1, SftStage.MAX_BATCH));
  }
}

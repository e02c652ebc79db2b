package dev.troupe.runtime.settings;

/**
 * The pull to the reference.
 *
 * @param estimator how the divergence is estimated from a sampled token
 * @param coefficient weight of the divergence, per nat; 0 = no pull
 */
public record KlSettings(Estimator estimator, double coefficient) {

  /** Estimators of KL(policy, reference) from d = logp - logp of the reference (Schulman 2020). */
  public enum Estimator {
    /** d: unbiased, high variance; as a loss its gradient vanishes in expectation. */
    K1,
    /** d² / 2: as a loss it has the exact gradient of the reverse divergence. */
    K2,
    /** exp(-d) + d - 1: unbiased, never negative; the one in GRPO's published loss. */
    K3
  }

  static KlSettings from(Checked c) {
    return new KlSettings(
        c.choice("estimator", Estimator.class), c.decimal("coefficient", 0.0, 100.0));
  }
}

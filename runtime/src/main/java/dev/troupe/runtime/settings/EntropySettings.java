package dev.troupe.runtime.settings;

/**
 * What the loss makes of the policy's entropy.
 *
 * @param coefficient weight of the entropy of a token, per nat; 0 = none
 * @param target entropy, nats, from which the distance is minimised; 0 = it is raised without end
 */
public record EntropySettings(double coefficient, double target) {

  static EntropySettings from(Checked c) {
    double coefficient = c.decimal("coefficient", 0.0, 100.0);
    double target = c.decimal("target", 0.0, 1000.0);
    if (c.isSound("coefficient", "target") && target > 0 && coefficient == 0) {
      c.clash("target", "has no effect when " + c.quote("coefficient"), "raise the coefficient");
    }
    return new EntropySettings(coefficient, target);
  }
}

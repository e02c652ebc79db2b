package dev.troupe.runtime.settings;

import java.util.Optional;

/**
 * The critic, which learns what reward is still to come.
 *
 * @param from stage whose weights it starts with; its score head is kept if it has one output, else
 *     a head of zeros is put on its trunk
 * @param learningRate peak learning rate; all else as the policy's optimizer
 * @param warmUpSteps learner steps at the beginning in which the critic alone is trained
 * @param valueClip how far a value may move in one step before it stops counting; 0 = no bound
 * @param epochs passes over the completions of a step
 * @param gradientClip whose gradients are clipped as one
 */
public record CriticSettings(
    String from,
    double learningRate,
    int warmUpSteps,
    double valueClip,
    int epochs,
    GradientClip gradientClip) {

  /** Whose gradients the highest norm of the optimizer holds for. */
  public enum GradientClip {
    /** The critic's and the policy's each: neither can hold up the other. */
    SEPARATE,
    /** Both together, as if they were one model: PPO-max. */
    JOINT
  }

  static Optional<CriticSettings> from(Checked stage, String policy, Lineage lineage) {
    Checked c = stage.section("critic");
    return Optional.of(
        new CriticSettings(
            c.optional("from", key -> lineage.weights(c, key)).orElse(policy),
            c.decimal("learning-rate", 0.0, 1.0),
            c.integer("warm-up-steps", 0, 1_000_000),
            c.decimal("value-clip", 0.0, 1e6),
            c.integer("epochs", 1, 64),
            c.choice("gradient-clip", GradientClip.class)));
  }
}

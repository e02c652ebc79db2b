package dev.troupe.runtime.settings;

/**
 * How rewards become advantages.
 *
 * @param estimator what a reward is compared with
 * @param gamma discount of later rewards for each token
 * @param lambda weight of long estimates where a critic is asked
 * @param clip bound of an advantage, after all else; 0 = none
 */
public record AdvantageSettings(Estimator estimator, double gamma, double lambda, double clip) {

  /** What a reward is compared with (foundations, sections 4, 6 and 7). */
  public enum Estimator {
    /** The group's mean, in units of its deviation: GRPO as published. */
    NORMALISED,
    /** The group's mean: Dr. GRPO. */
    CENTRED,
    /** The mean of the group's other completions: RLOO. */
    LEAVE_ONE_OUT,
    /** The rewards to come, whitened over the step: REINFORCE++. */
    RETURN,
    /** The same less the group's mean: REINFORCE++-baseline. */
    RETURN_BASELINE,
    /** What a critic expects: PPO. */
    GAE;

    /** Whether the completions of a prompt are compared with each other, so that one is too few. */
    public boolean comparesGroup() {
      return this != RETURN && this != GAE;
    }

    /** Whether the tokens of a completion may differ in their advantage, even without shaping. */
    public boolean differsByToken() {
      return this == RETURN || this == GAE;
    }
  }

  static AdvantageSettings from(Checked c) {
    return new AdvantageSettings(
        c.choice("advantage", Estimator.class),
        c.decimal("gamma", 0.0, 1.0),
        c.decimal("lambda", 0.0, 1.0),
        c.decimal("advantage-clip", 0.0, 1e6));
  }
}

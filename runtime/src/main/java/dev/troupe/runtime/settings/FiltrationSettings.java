package dev.troupe.runtime.settings;

/**
 * Which completions of a prompt are trained on, by the rank of their reward (PF-PPO, arXiv
 * 2409.06957).
 *
 * @param strategy how ranks become chances
 * @param draws completions drawn for each prompt, independently; 0 = the paper's selection
 * @param power exponent of {@link Strategy#POWER}
 */
public record FiltrationSettings(Strategy strategy, int draws, double power) {

  /** How ranks become chances. */
  public enum Strategy {
    /** All completions are kept. */
    NONE,
    /** The best one: there is nothing left to compare it with. */
    BEST_OF_N,
    /** The best one and others at random. */
    BEST_RANDOM,
    /** The best one and the worst one. */
    BEST_WORST,
    /** By the size of the reward, raised to a power. */
    POWER
  }

  static FiltrationSettings from(Checked c) {
    return new FiltrationSettings(
        c.choice("strategy", Strategy.class),
        c.integer("draws", 0, PolicyGradientStage.MAX_GROUP),
        c.decimal("power", 0.0, 100.0));
  }

  /**
   * @return whether completions are left out
   */
  public boolean isOn() {
    return strategy != Strategy.NONE;
  }
}

package dev.troupe.runtime.settings;

/**
 * A stage whose weights, compared with those they were trained against, give every token a reward:
 * the implicit reward of preference optimization.
 */
public interface TokenRewardModel extends StageSettings {

  /**
   * @return the stage that the weights were trained against
   */
  String reference();
}

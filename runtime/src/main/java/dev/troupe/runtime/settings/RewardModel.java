package dev.troupe.runtime.settings;

import java.util.List;

/** A stage whose weights score completions, so that later stages can learn from its scores. */
public interface RewardModel extends StageSettings {

  /**
   * @return what its scores are called, one for each output of its head, in their order
   */
  List<String> scores();

  /**
   * @return what it was taught to read of a completion
   */
  RewardView view();
}

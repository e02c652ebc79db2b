package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import java.util.List;

/**
 * A stage that learns which completions are better: its starting policy samples them, once and for
 * all, and graded rewards of its own rank them.
 */
public interface PreferenceStage extends JudgedStage {

  /**
   * @return optimizer steps
   */
  int steps();

  /**
   * @return the completions that are compared
   */
  Comparisons comparisons();

  @Override
  default String judgeKey() {
    return "preference";
  }

  @Override
  default List<Config> judge() {
    return comparisons().preference();
  }

  @Override
  default SamplingSettings sampling() {
    return comparisons().sampling();
  }
}

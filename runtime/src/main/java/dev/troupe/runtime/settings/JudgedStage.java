package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import java.util.List;

/** A stage whose completions are judged by rewards of its own instead of the recipe's. */
public interface JudgedStage extends SampledStage {

  /**
   * @return the key of the stage under which the rewards are written, such as {@code preference}
   */
  String judgeKey();

  /**
   * @return sections that each name a reward and its weight; empty if data of the stage says it
   */
  List<Config> judge();
}

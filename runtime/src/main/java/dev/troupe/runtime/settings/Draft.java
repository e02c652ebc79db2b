package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import java.util.List;
import java.util.Optional;

/**
 * The sound parts of a recipe that has mistakes elsewhere.
 *
 * @param seed of the run
 * @param task empty if it has a mistake, or if there is data
 * @param data empty if it has a mistake, or if there is a task
 * @param reward empty if it has a mistake
 */
public record Draft(
    long seed, Optional<Config> task, Optional<DataSettings> data, List<Config> reward) {
  /** Copies the list. */
  public Draft {
    reward = List.copyOf(reward);
  }
}

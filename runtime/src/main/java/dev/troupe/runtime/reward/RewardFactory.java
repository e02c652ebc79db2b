package dev.troupe.runtime.reward;

import com.typesafe.config.Config;

/** Makes one kind of reward function from its section of the settings. */
@FunctionalInterface
public interface RewardFactory {
  /**
   * @param reward the section, with the defaults of its kind filled in and without its weight; has
   *     the key {@code kind}
   * @throws dev.troupe.runtime.data.DataException if the settings are bad, with all mistakes found
   */
  RewardFunction create(Config reward);
}

package dev.troupe.runtime.environment;

import dev.troupe.runtime.settings.Checked;

/** Makes environments of one kind from the section of the settings. */
@FunctionalInterface
public interface EnvironmentFactory {
  /**
   * Reads the section, whose mistakes are noted in it and are not thrown.
   *
   * @param environment the section, with the defaults of its kind filled in; its {@code kind} and
   *     what all kinds share are read
   * @return who leads an episode; of no use after a mistake. An environment is made for each
   *     episode, by several threads at once
   */
  World.Player read(Checked environment);
}

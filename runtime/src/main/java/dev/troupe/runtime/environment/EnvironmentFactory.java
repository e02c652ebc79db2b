package dev.troupe.runtime.environment;

import dev.troupe.runtime.settings.Checked;
import java.util.function.Supplier;

/** Makes environments of one kind from the section of the settings. */
@FunctionalInterface
public interface EnvironmentFactory {
  /**
   * Reads the section, whose mistakes are noted in it and are not thrown.
   *
   * @param environment the section, with the defaults of its kind filled in; its {@code kind} and
   *     what all kinds share are read
   * @return makes the environment of an episode, as often as asked, by several threads at once; it
   *     is asked only if the section has no mistake
   */
  Supplier<Environment> read(Checked environment);
}

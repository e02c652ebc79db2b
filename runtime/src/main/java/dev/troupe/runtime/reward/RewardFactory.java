package dev.troupe.runtime.reward;

import dev.troupe.runtime.settings.Checked;
import java.util.function.Supplier;

/** Makes one kind of reward function from its section of the settings. */
@FunctionalInterface
public interface RewardFactory {
  /**
   * Reads the section, whose mistakes are noted in it and are not thrown.
   *
   * @param reward the section, with the defaults of its kind filled in; its {@code kind}, {@code
   *     weight} and {@code name} are read
   * @return makes the function, and is asked only if no reward's section has a mistake; throws
   *     {@link dev.troupe.runtime.data.DataException} if a data file is bad
   */
  Supplier<RewardFunction> read(Checked reward);
}

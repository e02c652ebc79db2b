package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.util.function.Supplier;

/** Makes the examples of one kind of task from its section of the settings. */
@FunctionalInterface
public interface TaskFactory {
  /**
   * Reads the section, whose mistakes are noted in it and are not thrown.
   *
   * @param task the section, with the defaults of its kind filled in; its {@code kind} is read
   * @param seed the run's seed; equal sections and seeds give equal examples
   * @return makes the examples, and is asked only if the section has no mistake; throws {@link
   *     DataException} if a data file is bad
   */
  Supplier<TaskData> read(Checked task, long seed);
}

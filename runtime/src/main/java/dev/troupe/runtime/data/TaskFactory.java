package dev.troupe.runtime.data;

import com.typesafe.config.Config;

/** Makes the examples of one kind of task from its section of the settings. */
@FunctionalInterface
public interface TaskFactory {
  /**
   * @param task the section, with the defaults of its kind filled in; has the key {@code kind}
   * @param seed the run's seed; equal sections and seeds give equal examples
   * @throws DataException if settings or data are bad, with all mistakes found
   */
  TaskData create(Config task, long seed);
}

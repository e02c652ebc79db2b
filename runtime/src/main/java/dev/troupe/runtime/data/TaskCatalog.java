package dev.troupe.runtime.data;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.settings.Kinds;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Supplier;

/**
 * The kinds of tasks there are, by name. A new kind is a {@link TaskFactory} and one registration:
 * with {@link #with} in a program, or in {@link #standard} here. Immutable.
 */
public final class TaskCatalog {
  private static final TaskCatalog STANDARD =
      new TaskCatalog(
              Kinds.none(ConfigFactory.parseResources(TaskCatalog.class, "task-defaults.conf")))
          .with(AddNumbers.KIND, AddNumbers::read)
          .with(Arithmetic.KIND, Arithmetic::read)
          .with(ConflictingStyles.KIND, ConflictingStyles::read)
          .with(Gsm8k.KIND, Gsm8k::read)
          .with(GuessNumberRanges.KIND, GuessNumberRanges::read)
          .with(HintedSorting.KIND, HintedSorting::read)
          .with(JsonLinesTask.KIND, JsonLinesTask::read)
          .with(SortDigits.KIND, SortDigits::read)
          .with(SortWithConfidence.KIND, SortWithConfidence::read)
          .with(SortWithThoughts.KIND, SortWithThoughts::read)
          .with(StoryOpenings.KIND, StoryOpenings::read);

  private final Kinds<TaskFactory> kinds;

  private TaskCatalog(Kinds<TaskFactory> kinds) {
    this.kinds = kinds;
  }

  /** The kinds that ship with the project. */
  public static TaskCatalog standard() {
    return STANDARD;
  }

  /**
   * A catalog with one more kind.
   *
   * @throws IllegalArgumentException if there is a kind of this name already
   */
  public TaskCatalog with(String kind, TaskFactory factory) {
    return new TaskCatalog(kinds.with(kind, factory));
  }

  /** The names of the kinds. */
  public SortedSet<String> kinds() {
    return kinds.names();
  }

  /**
   * Makes the task that a section describes. Its key {@code kind} names the factory; keys that are
   * left out take the defaults of the kind, which {@code task-defaults.conf} beside this class
   * lists and explains.
   *
   * @param seed the run's seed
   * @throws dev.troupe.runtime.settings.SettingsException if the kind is unknown or a setting is
   *     bad, with all mistakes
   * @throws DataException if a data file is bad
   */
  public TaskData create(Config task, long seed) {
    var section = new Checked(kinds.complete(task), "task");
    Optional<Supplier<TaskData>> data =
        kinds.choose(section).map(factory -> factory.read(section, seed));
    section.throwIfAny();
    return data.orElseThrow().get();
  }
}

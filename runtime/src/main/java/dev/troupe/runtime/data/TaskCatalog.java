package dev.troupe.runtime.data;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The kinds of tasks there are, by name. A new kind is a {@link TaskFactory} and one registration:
 * with {@link #with} in a program, or in {@link #standard} here. Immutable.
 */
public final class TaskCatalog {
  private static final String DEFAULTS = "task-defaults.conf";

  private static final TaskCatalog STANDARD =
      new TaskCatalog(Map.of())
          .with(AddNumbers.KIND, AddNumbers::create)
          .with(Gsm8k.KIND, Gsm8k::create)
          .with(JsonLinesTask.KIND, JsonLinesTask::create)
          .with(SortDigits.KIND, SortDigits::create)
          .with(StoryOpenings.KIND, StoryOpenings::create);

  private final Map<String, TaskFactory> factories;

  private TaskCatalog(Map<String, TaskFactory> factories) {
    this.factories = factories;
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
    var more = new TreeMap<>(factories);
    if (more.putIfAbsent(kind, factory) != null) {
      throw new IllegalArgumentException("the task kind " + kind + " is registered already");
    }
    return new TaskCatalog(more);
  }

  /** The names of the kinds, sorted. */
  public Set<String> kinds() {
    return new TreeSet<>(factories.keySet());
  }

  /**
   * Makes the task that a section describes. Its key {@code kind} names the factory; keys that are
   * left out take the defaults of the kind, which {@code task-defaults.conf} beside this class
   * lists and explains.
   *
   * @param seed the run's seed
   * @throws DataException if the kind is unknown, or settings or data are bad
   */
  public TaskData create(Config task, long seed) {
    var section = new Section("task", task);
    String kind = section.text("kind");
    TaskFactory factory = factories.get(kind);
    if (factory == null) {
      if (section.problems().isEmpty()) {
        section.reject("kind", "is not a kind of task; known are " + String.join(", ", kinds()));
      }
      task.root().keySet().forEach(section::accept);
      section.throwIfAny();
    }
    return factory.create(task.withFallback(defaults(kind)), seed);
  }

  private static Config defaults(String kind) {
    Config all = ConfigFactory.parseResources(TaskCatalog.class, DEFAULTS);
    return all.hasPath(kind) ? all.getConfig(kind) : ConfigFactory.empty();
  }
}

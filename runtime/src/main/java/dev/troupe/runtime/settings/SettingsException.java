package dev.troupe.runtime.settings;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The configuration cannot be used; the message lists every mistake, one sentence each. */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Draft draft;

  // An array, because a field of a serializable class must itself be serializable.
  private final String[] problems;

  /**
   * @param problems one sentence for each mistake, at least one
   */
  public SettingsException(List<String> problems) {
    this(problems, null);
  }

  SettingsException(List<String> problems, Throwable cause) {
    this(problems, cause, null);
  }

  private SettingsException(List<String> problems, Throwable cause, Draft draft) {
    super(message(problems), cause);
    this.problems = problems.toArray(String[]::new);
    this.draft = draft;
  }

  /** The same with those parts of the configuration that it finds nothing wrong with. */
  SettingsException with(Draft sound) {
    return new SettingsException(problems(), getCause(), sound);
  }

  /**
   * The parts of a recipe that are sound, so that what they lead to can be looked at too before a
   * person mends the others; empty if nothing is known of them.
   */
  public Optional<Draft> draft() {
    return Optional.ofNullable(draft);
  }

  /**
   * @return the mistakes, in the order of the lines that hold them
   */
  public List<String> problems() {
    return List.of(problems);
  }

  private static String message(List<String> problems) {
    if (problems.size() == 1) {
      return problems.get(0);
    }
    return problems.stream()
        .collect(
            Collectors.joining(
                "\n  ", "The configuration has " + problems.size() + " mistakes:\n  ", ""));
  }
}

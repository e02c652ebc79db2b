package dev.troupe.runtime.data;

import java.util.List;

/** A data file of a task or reward that cannot be used; lists everything found wrong. */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  /**
   * @param subject what is wrong as a whole, such as a file
   * @param problems one sentence each; at least one
   */
  public DataException(String subject, List<String> problems) {
    super(
        problems.size() == 1
            ? subject + ": " + problems.get(0)
            : subject + ": " + problems.size() + " problems\n  " + String.join("\n  ", problems));
    this.problems = List.copyOf(problems);
  }

  /** The problems one by one. */
  public List<String> problems() {
    return problems;
  }
}

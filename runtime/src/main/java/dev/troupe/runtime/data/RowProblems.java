package dev.troupe.runtime.data;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with the rows of data, up to a number that a person can read. */
final class RowProblems {
  /** After this many bad rows the rest is not looked at. */
  static final int MOST = 20;

  private final List<String> problems = new ArrayList<>();

  void add(String problem) {
    problems.add(problem);
  }

  boolean isFull() {
    return problems.size() >= MOST;
  }

  boolean isEmpty() {
    return problems.isEmpty();
  }

  /**
   * @param subject what is wrong as a whole
   * @throws DataException if anything is wrong
   */
  void throwIfAny(String subject) {
    if (isFull()) {
      problems.add("reading stopped here; there may be more");
    }
    if (!problems.isEmpty()) {
      throw new DataException(subject, problems);
    }
  }
}

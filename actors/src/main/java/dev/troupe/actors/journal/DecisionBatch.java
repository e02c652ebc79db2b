package dev.troupe.actors.journal;

import java.util.List;

/**
 * Decisions that are written together or not at all.
 *
 * @param first number of the first of them in the journal, from 1
 * @param writer the incarnation of the supervisor that took them, by a name of Akka's
 * @param millis when, milliseconds since 1970
 * @param decisions at least one
 */
public record DecisionBatch(long first, String writer, long millis, List<Decision> decisions) {
  /** Copies the list. */
  public DecisionBatch {
    decisions = List.copyOf(decisions);
    if (first < 1 || decisions.isEmpty()) {
      throw new IllegalArgumentException(
          "first = %d, decisions = %d: both must be 1 or more".formatted(first, decisions.size()));
    }
  }

  /** Number of the decision that follows them. */
  long next() {
    return first + decisions.size();
  }
}

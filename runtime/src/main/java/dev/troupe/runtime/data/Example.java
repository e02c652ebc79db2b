package dev.troupe.runtime.data;

import java.util.Map;
import java.util.Objects;

/**
 * One prompt of a task with what is known about it.
 *
 * @param id names the example within its task, for records and messages; unique and stable
 * @param prompt the text that a model continues
 * @param answer the gold answer or a demonstration; null if there is none
 * @param fields what else is known, by name, for reward functions; values are never null
 */
public record Example(String id, String prompt, String answer, Map<String, String> fields) {

  /** Copies the fields. */
  public Example {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(prompt, "prompt");
    fields = Map.copyOf(fields);
  }

  /**
   * The answer, for rewards that cannot do without one.
   *
   * @throws IllegalStateException if there is none
   */
  public String requireAnswer() {
    if (answer == null) {
      throw new IllegalStateException(
          "example " + id + " has no answer; use a reward that needs none, or a task with answers");
    }
    return answer;
  }
}

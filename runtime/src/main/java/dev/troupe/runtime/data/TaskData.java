package dev.troupe.runtime.data;

import java.util.Objects;

/**
 * The examples of a task. No prompt is in both parts.
 *
 * @param name the task's name, for records and messages
 * @param train what a run trains on; at least one example
 * @param heldOut what a run is evaluated on; may be empty
 * @param alphabet every character of the prompts and answers, each once, if the task is closed over
 *     a small alphabet, so that a character tokenizer fits it; empty for free text
 */
public record TaskData(String name, PromptSource train, PromptSource heldOut, String alphabet) {

  /** Checks that there is something to train on. */
  public TaskData {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(heldOut, "heldOut");
    Objects.requireNonNull(alphabet, "alphabet");
    if (train.size() < 1) {
      throw new IllegalArgumentException("task " + name + " has no training examples");
    }
  }
}

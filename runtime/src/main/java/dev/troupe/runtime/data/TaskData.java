package dev.troupe.runtime.data;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The examples of a task. No prompt is in both parts.
 *
 * @param name the task's name, for records and messages
 * @param train what a run trains on; at least one example
 * @param heldOut what a run is evaluated on; may be empty
 * @param alphabet every character of the prompts and answers, each once, if the task is closed over
 *     a small alphabet, so that a character tokenizer fits it; empty for free text
 * @param stages what single stages read in place of {@code train}, by the name of the stage
 */
public record TaskData(
    String name,
    PromptSource train,
    PromptSource heldOut,
    String alphabet,
    Map<String, StageData> stages) {

  /** Checks that there is something to train on. */
  public TaskData {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(heldOut, "heldOut");
    Objects.requireNonNull(alphabet, "alphabet");
    stages = Map.copyOf(stages);
    if (train.size() < 1) {
      throw new IllegalArgumentException("task " + name + " has no training examples");
    }
  }

  /** Examples that all stages share. */
  public TaskData(String name, PromptSource train, PromptSource heldOut, String alphabet) {
    this(name, train, heldOut, alphabet, Map.of());
  }

  /** The same with data for single stages. */
  public TaskData with(Map<String, StageData> ofStages) {
    return new TaskData(name, train, heldOut, alphabet, ofStages);
  }

  /** The examples that a stage trains on: its own, or those of the run. */
  public PromptSource train(String stage) {
    StageData own = stages.get(stage);
    return own == null ? train : own.prompts().orElse(train);
  }

  /** The completions that a stage reads; empty if it samples them. */
  public Optional<StageData> comparisons(String stage) {
    return Optional.ofNullable(stages.get(stage)).filter(own -> own.prompts().isEmpty());
  }
}

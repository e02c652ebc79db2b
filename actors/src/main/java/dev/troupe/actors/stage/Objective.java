package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.runtime.training.Trainer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What one step of a method does with its data. One class a method, read like the paper. */
interface Objective {

  /**
   * What the method carries from step to step besides the policy. The course opens it, saves it
   * with its checkpoints and closes it.
   *
   * @return the same objects each time
   */
  default List<Memory> memories() {
    return List.of();
  }

  /**
   * What those who use the weights of a checkpoint must know of them.
   *
   * @return writes it into the directory of the checkpoint, by any thread and later
   */
  default Consumer<Path> description() {
    return checkpoint -> {};
  }

  /** What the last step made of its completions; empty where the method does not tell. */
  default List<Credit> credits() {
    return List.of();
  }

  /**
   * Trains one step.
   *
   * @param step its number, from 0
   * @param groups the step's groups in the order of their tickets; empty when the method reads
   *     demonstrations
   * @return what was measured, by metric name
   */
  Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> groups);
}

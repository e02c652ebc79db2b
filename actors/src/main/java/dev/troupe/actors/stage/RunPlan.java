package dev.troupe.actors.stage;

import java.util.List;
import java.util.Optional;

/**
 * All that the supervisor will have done when the run is over.
 *
 * @param name of the run
 * @param stages in the order in which they run
 * @param evaluation what is measured between them, if anything
 * @param limits when it gives up
 */
public record RunPlan(
    String name, List<StagePlan> stages, Optional<EvaluationPlan> evaluation, Limits limits) {
  /** Copies the list. */
  public RunPlan {
    stages = List.copyOf(stages);
  }
}

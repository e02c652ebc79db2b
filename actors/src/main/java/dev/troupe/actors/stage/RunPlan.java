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
 * @param learners how many train a step together at the most; the run begins with so many
 */
public record RunPlan(
    String name,
    List<StagePlan> stages,
    Optional<EvaluationPlan> evaluation,
    Limits limits,
    int learners) {
  /** Copies the list. */
  public RunPlan {
    stages = List.copyOf(stages);
  }

  /** With one learner. */
  public RunPlan(
      String name, List<StagePlan> stages, Optional<EvaluationPlan> evaluation, Limits limits) {
    this(name, stages, evaluation, limits, 1);
  }

  /** The same with so many learners. */
  public RunPlan withLearners(int count) {
    return new RunPlan(name, stages, evaluation, limits, count);
  }
}

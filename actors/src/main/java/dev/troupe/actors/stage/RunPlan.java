package dev.troupe.actors.stage;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * All that the supervisor will have done when the run is over.
 *
 * @param name of the run
 * @param stages in the order in which they run
 * @param evaluation what is measured between them, if anything
 * @param limits when it gives up
 * @param learners how many train a step together at the most; the run begins with so many
 * @param shared names of the stages that several learners can train; the others are trained by one
 */
public record RunPlan(
    String name,
    List<StagePlan> stages,
    Optional<EvaluationPlan> evaluation,
    Limits limits,
    int learners,
    Set<String> shared) {
  /** Copies the list and the set. */
  public RunPlan {
    stages = List.copyOf(stages);
    shared = Set.copyOf(shared);
  }

  /** With one learner. */
  public RunPlan(
      String name, List<StagePlan> stages, Optional<EvaluationPlan> evaluation, Limits limits) {
    this(name, stages, evaluation, limits, 1, Set.of());
  }

  /**
   * The same with so many learners.
   *
   * @param isShared whether several of them can train a stage of that name
   */
  public RunPlan withLearners(int count, Predicate<String> isShared) {
    Set<String> names =
        stages.stream().map(StagePlan::name).filter(isShared).collect(Collectors.toSet());
    return new RunPlan(name, stages, evaluation, limits, count, names);
  }

  /** How many learners train a stage together at the most. */
  public int learners(StagePlan stage) {
    return shared.contains(stage.name()) ? learners : 1;
  }
}

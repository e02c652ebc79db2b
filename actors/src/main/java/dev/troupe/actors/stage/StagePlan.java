package dev.troupe.actors.stage;

import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.Pacing;
import java.util.Optional;

/**
 * What the supervisor needs to know of a stage.
 *
 * @param name its name in the recipe, unique in the run
 * @param kind what it does, a name in {@link StageKinds}
 * @param steps learner steps; 0 for a stage that only provides weights
 * @param firstVersion number of the policy version that it starts with; versions of later stages
 *     are higher, so that numbers never go back within a run
 * @param tickets how its groups are planned; empty when the learner reads data itself
 * @param staleness by how many versions the sampling policy may be older than the trained one
 * @param frozen whether all steps are sampled with the version that the stage starts with
 * @param checkpointEvery steps between two checkpoints; the last step always has one
 * @param deadlines how long its parts may take
 * @param keyMetric the metric that tells whether the stage works
 */
public record StagePlan(
    String name,
    String kind,
    long steps,
    long firstVersion,
    Optional<TicketPlan> tickets,
    int staleness,
    boolean frozen,
    int checkpointEvery,
    Deadlines deadlines,
    Metric keyMetric) {

  /** Refuses counts that no stage can have. */
  public StagePlan {
    if (steps < 0 || firstVersion < 0 || staleness < 0 || checkpointEvery < 1) {
      throw new IllegalArgumentException(
          "stage %s: steps=%d firstVersion=%d staleness=%d checkpointEvery=%d is impossible"
              .formatted(name, steps, firstVersion, staleness, checkpointEvery));
    }
  }

  /** The number of the policy version that is in force after that many steps. */
  public long version(long stepsDone) {
    int candidates = tickets.map(TicketPlan::candidates).orElse(1);
    // Candidates of a step are numbered between its policy and the next one.
    return firstVersion + stepsDone * (candidates == 1 ? 1 : 1 + candidates);
  }

  /**
   * How many steps the policy has been trained for that samples the groups of a step: {@code max(0,
   * step - staleness)}, or 0 when the sampling policy is frozen.
   */
  public long samplingStep(long step) {
    return frozen ? 0 : Math.max(0, step - staleness);
  }

  /** Whether newer versions than the one that a ticket is bound to may sample it as well. */
  public Pacing pacing() {
    return tickets.map(TicketPlan::pacing).orElse(Pacing.WINDOW);
  }

  /**
   * The last step, exclusive, whose tickets can be planned once the policy has this many steps.
   * This is the admission rule of AReaL (Fu et al. 2025, eq. 3; {@link
   * dev.troupe.algorithms.offpolicy.StalenessBound}) in whole steps: with staleness {@code eta} and
   * version {@code v}, groups are admitted while fewer than {@code (eta + v + 1) * groups of a
   * step} have been. A group of step {@code k} is therefore admitted only once version {@code k -
   * eta} is published, and none of its tokens is older.
   */
  public long plannableBefore(long trainedSteps) {
    // A frozen policy could be sampled for all steps at once; one step ahead bounds the memory.
    return Math.min(steps, trainedSteps + (frozen ? 1 : staleness) + 1);
  }

  /** Whether a checkpoint is due once this many steps are done. */
  public boolean isCheckpoint(long stepsDone) {
    return stepsDone == steps || stepsDone % checkpointEvery == 0;
  }
}

package dev.troupe.actors.journal;

import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import java.util.List;

/**
 * What the supervisor writes down before it acts on it.
 *
 * <p>Only what a restart could not find again is a decision. These are not, and so they are nowhere
 * here: the tickets that a step plans, and the versions they are bound to, follow from the recipe
 * and from the versions in force; which groups a step is trained on follows from their rewards, and
 * the groups are in the ledger; who holds which unit is over when the process ends, and a unit that
 * is given out twice counts once; what was measured on held-out prompts is in its own file.
 */
public sealed interface Decision {

  /**
   * The run was started for the first time.
   *
   * @param run its name
   * @param settings digest of the settings that it computes with
   */
  record RunBegun(String run, String settings) implements Decision {}

  /**
   * A stage was begun, or taken up again from a checkpoint.
   *
   * @param epoch how many times the run was started before
   * @param stage its name
   * @param inForce the versions in force; their step is the number of steps done
   */
  record StageOpened(int epoch, String stage, VersionSet inForce) implements Decision {}

  /**
   * A step was trained. One that is trained again, and comes to the same, is no new decision.
   *
   * @param stage its stage
   * @param tickets whose groups it was trained on, in their order; empty when the stage has none
   * @param inForce the versions in force after it; their step is the number of steps done. A
   *     reference that is another one than before was updated by this step
   * @param loss what the learner measured, NaN if nothing: it tells steps apart whose weights
   *     nobody samples with, and whose digest is therefore not known
   */
  record StepTrained(String stage, List<TicketId> tickets, VersionSet inForce, double loss)
      implements Decision {
    /** Copies the list. */
    public StepTrained {
      tickets = List.copyOf(tickets);
    }
  }

  /**
   * A checkpoint was written.
   *
   * @param stage its stage
   * @param stepsDone steps trained before it
   * @param replayFrom steps of the oldest checkpoint that the run may have to go back to: the
   *     ledger keeps the groups of the steps after it
   */
  record CheckpointSaved(String stage, long stepsDone, long replayFrom) implements Decision {}

  /** A stage is done, and these versions are its result. */
  record StageConcluded(String stage, VersionSet inForce) implements Decision {}

  /** The run is done, or was stopped; one that was stopped may be taken up again. */
  record RunEnded(RunOutcome outcome) implements Decision {}
}

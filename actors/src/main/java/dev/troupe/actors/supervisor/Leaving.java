package dev.troupe.actors.supervisor;

import dev.troupe.actors.protocol.RunOutcome;
import java.time.Duration;
import java.util.Optional;

/**
 * The end of a run that was asked to end in order: what was begun is finished and saved, within a
 * grace. Plain state of the supervisor, no actor.
 */
final class Leaving {
  private final Company company;
  private String reason;

  Leaving(Company company) {
    this.company = company;
  }

  /** Whether the run was asked to end. */
  boolean isAsked() {
    return reason != null;
  }

  /**
   * The run was asked to end.
   *
   * @return whether there is something to wait for
   */
  boolean begin(SupervisorCommand.Stop stop, Phase phase) {
    reason = stop.reason();
    if (phase != Phase.TRAINING && phase != Phase.CONCLUDING) {
      return false; // All that was trained is in a checkpoint.
    }
    company.waits.open(
        new WaitKey.Grace(),
        "the end of what was begun, because the run was asked to end",
        stop.grace(),
        "the run ends as it is");
    return true;
  }

  /** What people are told when the run begins to end. */
  static String sentence(String reason, Duration grace) {
    return "%s It ends once the step under way is trained and saved, after %d s at the latest."
        .formatted(reason, grace.toSeconds());
  }

  /** Lets the supervisor know when nothing is left to do. */
  void goOn(Phase phase, StageWork work) {
    if (phase == Phase.TRAINING && work.leave()) {
      stay();
    }
  }

  /** There is nothing left to do: what would be done next begins at a checkpoint. */
  void stay() {
    company.self.tell(new SupervisorCommand.Drained());
  }

  /** The end in order. */
  RunOutcome paused(Optional<StageWork> work) {
    return new RunOutcome.Paused(
        work.map(
                it ->
                    "%s It ended in order, with a checkpoint: stage %s, step %d of %d."
                        .formatted(reason, it.stage().name(), it.step(), it.stage().steps()))
            .orElse(reason));
  }

  /** The end when the grace is over: groups that did not come are sampled again, steps are not. */
  RunOutcome late(StageWork work) {
    return work.isSaved()
        ? paused(Optional.of(work))
        : new RunOutcome.Stopped(
            reason
                + " Its grace was over before the step under way was trained and saved; that step is done again.");
  }
}

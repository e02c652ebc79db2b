package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.List;

/** What the {@link Supervisor} understands. */
public sealed interface SupervisorCommand {

  /** The company is complete: the first stage is opened. */
  record Convene(Colleagues company) implements SupervisorCommand {}

  /**
   * A generator is free.
   *
   * @param generator its name
   * @param replyTo where to send work
   * @param held the version it holds, with the digest it computed itself; null when it holds none
   * @param finished the unit it sent on last; null before the first one since it started
   */
  record RequestWork(
      String generator, ActorRef<Generator.Command> replyTo, PolicyVersion held, UnitId finished)
      implements SupervisorCommand {}

  /**
   * A generator could not decode a unit.
   *
   * @param unit the unit; it goes back to those that wait
   * @param generator name of the generator
   * @param cause one sentence
   */
  record UnitLost(UnitId unit, String generator, String cause) implements SupervisorCommand {}

  /**
   * The frozen models could not score a unit.
   *
   * @param unit the unit; it goes back to those that wait
   * @param cause one sentence
   */
  record UnitUnscored(UnitId unit, String cause) implements SupervisorCommand {}

  /** A group has all its parts. */
  record GroupReady(GroupFacts facts) implements SupervisorCommand {}

  /**
   * The learner has opened a stage.
   *
   * @param stage its name
   * @param inForce the versions that tickets can be bound to, oldest first; the step of the last
   *     one is the number of steps done
   */
  record StageOpened(String stage, List<VersionSet> inForce) implements SupervisorCommand {
    /** Copies the list. */
    public StageOpened {
      inForce = List.copyOf(inForce);
    }
  }

  /** The learner has trained a step (numbered from 0) and published what came of it. */
  record Trained(String stage, long step, StepResult result) implements SupervisorCommand {}

  /** The recorder has written a step down for good; steps are counted from 1 here. */
  record StepRecorded(String stage, long stepsDone) implements SupervisorCommand {}

  /** The learner has written a checkpoint after that many steps. */
  record Saved(String stage, long stepsDone) implements SupervisorCommand {}

  /**
   * The learner has closed a stage: its result is on disk, and its last version is published and
   * stays so until the next stage is opened.
   */
  record StageConcluded(String stage, VersionSet inForce) implements SupervisorCommand {}

  /**
   * A member of the company failed.
   *
   * @param role its name
   * @param cause one sentence
   * @param remedy what can be done about it
   */
  record RoleFailed(String role, String cause, Remedy remedy) implements SupervisorCommand {}

  /** Asks what the run is waiting for. */
  record AskWaits(ActorRef<WaitList> replyTo) implements SupervisorCommand {}

  /** Asks what everybody is doing. */
  record AskCompany(ActorRef<CompanyState> replyTo) implements SupervisorCommand {}

  /** Asks for an orderly end; finished checkpoints stay, so the run can be taken up again. */
  record Stop(String reason) implements SupervisorCommand {}

  record Expired(WaitKey key) implements SupervisorCommand {}
}

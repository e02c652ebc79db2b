package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.runtime.model.PolicyVersion;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** What the {@link Supervisor} understands. */
public sealed interface SupervisorCommand {

  /** The generators that can be reached now. */
  record GeneratorsListed(Set<ActorRef<Generator.Command>> present) implements SupervisorCommand {}

  /** The learners that can be reached now. */
  record LearnersListed(Set<ActorRef<Learner.Command>> present) implements SupervisorCommand {}

  /** How many reward actors can be reached now. */
  record RewardsListed(int present) implements SupervisorCommand {}

  /** How many reference actors can be reached now. */
  record ReferencesListed(int present) implements SupervisorCommand {}

  /**
   * A generator is free. It says so again until it has an answer.
   *
   * @param generator its name
   * @param replyTo where to send work
   * @param ask number of this request, which repetitions keep; later requests have higher ones
   * @param held the version it holds, with the digest it computed itself; null when it holds none
   * @param finished the unit whose groups it handed over last; null before the first one since it
   *     started
   */
  record RequestWork(
      String generator,
      ActorRef<Generator.Command> replyTo,
      long ask,
      PolicyVersion held,
      UnitId finished)
      implements SupervisorCommand, WireMessage {}

  /**
   * A generator could not decode a unit.
   *
   * @param unit the unit; it goes back to those that wait
   * @param generator name of the generator
   * @param cause one sentence
   */
  record UnitLost(UnitId unit, String generator, String cause)
      implements SupervisorCommand, WireMessage {}

  /**
   * The experience does not confirm the groups of a unit, and its generator has let go of them.
   *
   * @param unit the unit; it goes back to those that wait, for it has done nothing wrong
   * @param generator name of the generator
   */
  record UnitStranded(UnitId unit, String generator) implements SupervisorCommand, WireMessage {}

  /**
   * A group has all its parts; who says so is told that it was heard.
   *
   * @param opening number of the order that opened the stage for the experience: what was complete
   *     before an opening is gone
   */
  record GroupReady(GroupFacts facts, long opening, ActorRef<Experience.Command> replyTo)
      implements SupervisorCommand, WireMessage {}

  /**
   * What the ledger holds of the groups that were asked for.
   *
   * @param ask number of the ask that this answers
   * @param groups those that count at once
   */
  record GroupsRecalled(long ask, List<GroupFacts> groups)
      implements SupervisorCommand, WireMessage {
    /** Copies the list. */
    public GroupsRecalled {
      groups = List.copyOf(groups);
    }
  }

  /**
   * The learner has opened a stage.
   *
   * @param order number of the order that this answers
   * @param stage its name
   * @param inForce the versions that tickets can be bound to, oldest first; the step of the last
   *     one is the number of steps done
   * @param experience where the groups of the stage go
   */
  record StageOpened(
      long order, String stage, List<VersionSet> inForce, ActorRef<Experience.Command> experience)
      implements SupervisorCommand, WireMessage {
    /** Copies the list. */
    public StageOpened {
      inForce = List.copyOf(inForce);
    }
  }

  /** The learner has trained a step (numbered from 0) and published what came of it. */
  record Trained(long order, String stage, long step, StepResult result)
      implements SupervisorCommand, WireMessage {}

  /** The recorder has written a step down for good; steps are counted from 1 here. */
  record StepRecorded(String stage, long stepsDone) implements SupervisorCommand {}

  /** The learner has written a checkpoint after that many steps. */
  record Saved(long order, String stage, long stepsDone)
      implements SupervisorCommand, WireMessage {}

  /**
   * The learner has closed a stage: its result is on disk, and its last version is published and
   * stays so until the next stage is opened.
   */
  record StageConcluded(long order, String stage, VersionSet inForce)
      implements SupervisorCommand, WireMessage {}

  /**
   * The learner could not carry out an order.
   *
   * @param order its number
   * @param cause one sentence
   * @param remedy what can be done about it
   */
  record OrderFailed(long order, String cause, Remedy remedy)
      implements SupervisorCommand, WireMessage {}

  /**
   * A member of the company failed.
   *
   * @param role its name
   * @param cause one sentence
   * @param remedy what can be done about it
   */
  record RoleFailed(String role, String cause, Remedy remedy)
      implements SupervisorCommand, WireMessage {}

  /** Asks what the run is waiting for. */
  record AskWaits(ActorRef<WaitList> replyTo) implements SupervisorCommand, WireMessage {}

  /** Asks what everybody is doing. */
  record AskCompany(ActorRef<CompanyState> replyTo) implements SupervisorCommand {}

  /**
   * Asks for the end of the run; finished checkpoints stay, so that it can be taken up again.
   *
   * @param reason a sentence
   * @param grace how long it may take to finish what was begun, with a checkpoint; zero for an end
   *     at once
   */
  record Stop(String reason, Duration grace) implements SupervisorCommand, WireMessage {}

  /**
   * A generator that was asked to leave has nothing in work any more. What it was given and has not
   * begun goes to another.
   *
   * @param finished the unit whose groups it handed over last; null for none
   */
  record Retired(String generator, UnitId finished) implements SupervisorCommand, WireMessage {}

  /** All that was begun is finished and saved. */
  record Drained() implements SupervisorCommand {}

  record Repeat() implements SupervisorCommand {}

  record Expired(WaitKey key) implements SupervisorCommand {}
}

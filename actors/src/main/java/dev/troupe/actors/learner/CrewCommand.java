package dev.troupe.actors.learner;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.actors.supervisor.Remedy;
import java.util.List;

/**
 * What learners say to each other who train a stage together. The lead says who they are and hands
 * on the groups of each step; then all compute the same with their own shards of the gradient, and
 * exchange its parts over the data plane. Each message of the lead comes again until it is
 * answered.
 */
public sealed interface CrewCommand extends Learner.Command, WireMessage {
  /** Key of those who train together; what is said about others is out of date. */
  String crew();

  /** The lead wants this learner to follow it. */
  record Enlist(String crew, ActorRef<Learner.Command> lead) implements CrewCommand {}

  /**
   * A learner will follow.
   *
   * @param endpoint of its data plane
   */
  record Enlisted(String crew, ActorRef<Learner.Command> follower, String endpoint)
      implements CrewCommand {}

  /** All are there: the stage is opened by everyone. */
  record Begin(Studio.Seat seat, String stage) implements CrewCommand {
    @Override
    public String crew() {
      return seat.crew();
    }
  }

  /**
   * A follower has opened the stage.
   *
   * @param digest of the policy in force
   */
  record Begun(String crew, int rank, String digest) implements CrewCommand {}

  /**
   * Some of the groups of a step, few enough to be one message; with the last of them the step is
   * trained.
   *
   * @param part index of this part, from 0
   * @param parts how many there are
   */
  record Study(String crew, long step, int part, int parts, List<ScoredGroup> groups)
      implements CrewCommand {
    /** Copies the list. */
    public Study {
      groups = List.copyOf(groups);
    }
  }

  /** A follower has a part of the groups. */
  record Noted(String crew, int rank, long step, int part) implements CrewCommand {}

  /**
   * A follower has trained a step.
   *
   * @param digest of the policy in force after it
   */
  record Studied(String crew, int rank, long step, String digest) implements CrewCommand {}

  /** The lead writes a checkpoint, to which each gives what it alone holds. */
  record Assist(String crew, long stepsDone) implements CrewCommand {}

  /** A follower has heard of a checkpoint. */
  record Assisting(String crew, int rank, long stepsDone) implements CrewCommand {}

  /**
   * A follower cannot go on.
   *
   * @param cause one sentence
   */
  record Faltered(String crew, int rank, String cause, Remedy remedy) implements CrewCommand {}

  /** The stage is over, or goes on with others. */
  record Dismiss(String crew) implements CrewCommand {}
}

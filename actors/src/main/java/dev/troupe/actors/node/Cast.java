package dev.troupe.actors.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.experience.GroupStore;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;
import dev.troupe.actors.supervisor.SupervisorCommand;
import java.time.Duration;

/** Makes the actors of the roles of a node, with what they compute with. */
public interface Cast {
  /** A generator. */
  Behavior<Generator.Command> generator(String name, ActorRef<SupervisorCommand> supervisor);

  /** How many generators the node has, each of which decodes units of its own. */
  int generators();

  /** A reward actor. */
  Behavior<Reward.Command> reward();

  /** A reference actor. */
  Behavior<Reference.Command> reference();

  /**
   * A learner.
   *
   * @param epoch how many times the run was started before
   * @param experience beside it
   */
  Behavior<Learner.Command> learner(int epoch, ActorRef<Experience.Command> experience);

  /** Where the experience keeps finished groups. */
  GroupStore ledger();

  /** How often the frozen models may fail to score a unit before the run stops. */
  int mostAttempts();

  /** Shortest pause before a failed actor is started again; doubled up to ten times it. */
  Duration backoff();
}

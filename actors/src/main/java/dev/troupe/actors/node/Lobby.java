package dev.troupe.actors.node;

import akka.actor.typed.receptionist.ServiceKey;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;

/** Under which names the members of a company find each other. */
final class Lobby {
  static final ServiceKey<Door.Command> DOOR = ServiceKey.create(Door.Command.class, "door");
  static final ServiceKey<Generator.Command> GENERATORS =
      ServiceKey.create(Generator.Command.class, "generator");
  static final ServiceKey<Reward.Command> REWARDS =
      ServiceKey.create(Reward.Command.class, "reward");
  static final ServiceKey<Reference.Command> REFERENCES =
      ServiceKey.create(Reference.Command.class, "reference");
  static final ServiceKey<Learner.Command> LEARNERS =
      ServiceKey.create(Learner.Command.class, "learner");

  private Lobby() {}
}

package dev.troupe.actors.node;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.protocol.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The roles of a node while one supervisor is there: they know it, and end when it is gone. With
 * the next supervisor a new session begins.
 */
final class Session {
  private static final int BACKOFF_GROWTH = 10;
  private static final double JITTER = 0.1;

  private Session() {}

  /** What a session understands. */
  sealed interface Command permits Retire, Retired {}

  /**
   * Asks for the end of what the roles have in work.
   *
   * @param replyTo told when nothing is left; what rewards and references have in work is given to
   *     others once they are gone
   */
  record Retire(ActorRef<Done> replyTo) implements Command {}

  /** One of the generators has finished. */
  private record Retired() implements Command {}

  static Behavior<Command> create(String node, Set<Role> roles, Cast cast, Door.Admitted admitted) {
    return Behaviors.setup(
        context -> {
          Duration backoff = cast.backoff();
          if (roles.contains(Role.LEARNER)) {
            ActorRef<Experience.Command> experience =
                context.spawn(
                    Experience.create(
                        admitted.supervisor(),
                        admitted.recorder(),
                        cast.ledger(),
                        cast.mostAttempts()),
                    "experience");
            context.spawn(rollCall(experience), "roll-call");
            play(
                context,
                Lobby.LEARNERS,
                restarted(cast.learner(admitted.epoch(), experience), backoff),
                "learner");
          }
          if (roles.contains(Role.REWARD)) {
            play(context, Lobby.REWARDS, restarted(cast.reward(), backoff), "reward");
          }
          if (roles.contains(Role.REFERENCE)) {
            play(context, Lobby.REFERENCES, restarted(cast.reference(), backoff), "reference");
          }
          var generators = new ArrayList<ActorRef<Generator.Command>>();
          for (int i = 1; roles.contains(Role.GENERATOR) && i <= cast.generators(); i++) {
            String name = "generator-" + i;
            String unique = node.isEmpty() ? name : name + "@" + node;
            generators.add(
                play(
                    context,
                    Lobby.GENERATORS,
                    restarted(cast.generator(unique, admitted.supervisor()), backoff),
                    name));
          }
          return playing(context, generators);
        });
  }

  private static Behavior<Command> playing(
      ActorContext<Command> context, List<ActorRef<Generator.Command>> generators) {
    return Behaviors.receive(Command.class)
        .onMessage(
            Retire.class,
            retire -> {
              ActorRef<Done> each = context.messageAdapter(Done.class, done -> new Retired());
              generators.forEach(generator -> generator.tell(new Generator.Retire(each)));
              return retiring(retire.replyTo(), generators.size());
            })
        .build();
  }

  private static Behavior<Command> retiring(ActorRef<Done> replyTo, int missing) {
    if (missing == 0) {
      replyTo.tell(Done.getInstance());
    }
    return Behaviors.receive(Command.class)
        .onMessage(Retired.class, retired -> retiring(replyTo, missing - 1))
        .onMessage(Retire.class, again -> Behaviors.same())
        .build();
  }

  private static <T> ActorRef<T> play(
      ActorContext<Command> context, ServiceKey<T> key, Behavior<T> behavior, String name) {
    ActorRef<T> actor = context.spawn(behavior, name);
    context.getSystem().receptionist().tell(Receptionist.register(key, actor));
    return actor;
  }

  private static Behavior<Receptionist.Listing> rollCall(ActorRef<Experience.Command> experience) {
    return Attendance.create(
        List.of(
            new Attendance.Subject<>(
                Lobby.REWARDS, all -> experience.tell(new Experience.RewardsListed(all))),
            new Attendance.Subject<>(
                Lobby.REFERENCES, all -> experience.tell(new Experience.ReferencesListed(all)))));
  }

  /**
   * A failed role comes back by itself; whether the run survives it is the supervisor's decision.
   */
  private static <T> Behavior<T> restarted(Behavior<T> role, Duration backoff) {
    return Behaviors.supervise(role)
        .onFailure(
            Exception.class,
            SupervisorStrategy.restartWithBackoff(
                backoff, backoff.multipliedBy(BACKOFF_GROWTH), JITTER));
  }
}

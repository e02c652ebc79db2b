package dev.troupe.actors.run;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.generator.Decoder;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.reference.FrozenModels;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;
import dev.troupe.actors.reward.ScoringDesk;
import dev.troupe.actors.stage.Course;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.supervisor.Colleagues;
import dev.troupe.actors.supervisor.CompanyState;
import dev.troupe.actors.supervisor.Supervisor;
import dev.troupe.actors.supervisor.SupervisorCommand;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** The guardian of a company in one process: starts every role, then convenes the supervisor. */
final class Company {
  private static final int BACKOFF_GROWTH = 10;
  private static final double JITTER = 0.1;

  private Company() {}

  /** What the guardian understands. */
  sealed interface Command permits Stop, Ask, Ended {}

  /** Asks for an orderly end. */
  record Stop(String reason) implements Command {}

  /** Asks what everybody is doing. */
  record Ask(ActorRef<CompanyState> replyTo) implements Command {}

  record Ended(RunOutcome outcome) implements Command {}

  /**
   * What the roles work with.
   *
   * @param decoders opens the decoder of a generator
   * @param generators how many there are
   * @param generation runs their native work
   * @param models opens the frozen models
   * @param scoring runs the native work of the reference actor
   * @param desk runs reward functions
   * @param courses makes the learner's courses
   * @param training runs the learner's native work, one thread
   * @param records what the recorder writes
   */
  record Equipment(
      Supplier<Decoder> decoders,
      int generators,
      Executor generation,
      Supplier<FrozenModels> models,
      Executor scoring,
      ScoringDesk desk,
      Function<StagePlan, Course> courses,
      Executor training,
      RunRecords records) {}

  static Behavior<Command> create(
      RunPlan plan, Equipment equipment, Clock clock, Consumer<RunOutcome> done) {
    return Behaviors.setup(
        context -> {
          ActorRef<SupervisorCommand> supervisor = convene(context, plan, equipment, clock);
          return Behaviors.receive(Command.class)
              .onMessage(
                  Stop.class,
                  stop -> {
                    supervisor.tell(new SupervisorCommand.Stop(stop.reason()));
                    return Behaviors.same();
                  })
              .onMessage(
                  Ask.class,
                  ask -> {
                    supervisor.tell(new SupervisorCommand.AskCompany(ask.replyTo()));
                    return Behaviors.same();
                  })
              .onMessage(
                  Ended.class,
                  ended -> {
                    done.accept(ended.outcome());
                    return Behaviors.stopped();
                  })
              .build();
        });
  }

  private static ActorRef<SupervisorCommand> convene(
      ActorContext<Command> context, RunPlan plan, Equipment equipment, Clock clock) {
    ActorRef<SupervisorCommand> supervisor =
        context.spawn(Supervisor.create(plan, clock), "supervisor");
    ActorRef<Recorder.Command> recorder =
        context.spawn(
            Recorder.create(equipment.records()), "recorder", DispatcherSelector.blocking());
    ActorRef<Experience.Command> experience =
        context.spawn(Experience.create(supervisor, recorder), "experience");
    ActorRef<Reward.Command> reward =
        context.spawn(Reward.create(experience, equipment.desk()), "reward");
    Duration backoff = plan.limits().backoff();
    ActorRef<Reference.Command> reference =
        context.spawn(
            restarted(
                Reference.create(experience, supervisor, equipment.models(), equipment.scoring()),
                backoff),
            "reference");
    ActorRef<Learner.Command> learner =
        context.spawn(
            restarted(
                Learner.create(experience, supervisor, equipment.courses(), equipment.training()),
                backoff),
            "learner");
    var partners = new Generator.Company(supervisor, reward, reference, experience);
    for (int i = 1; i <= equipment.generators(); i++) {
      String name = "generator-" + i;
      context.spawn(
          restarted(
              Generator.create(name, partners, equipment.decoders(), equipment.generation()),
              backoff),
          name);
    }
    ActorRef<RunOutcome> owner = context.messageAdapter(RunOutcome.class, Ended::new);
    supervisor.tell(
        new SupervisorCommand.Convene(new Colleagues(learner, experience, recorder, owner)));
    return supervisor;
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

package dev.troupe.actors.learner;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.stage.Course;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Trains on named lists of tickets, whatever the stage. Native work runs on one thread of its own;
 * a step that was trained is answered again, not trained again.
 */
public final class Learner extends AbstractBehavior<Learner.Command> {
  private static final String NAME = "learner";

  /** What the learner understands. */
  public sealed interface Command permits Open, Train, Save, Conclude, Received, Done {}

  /** Opens a stage and closes the one before. */
  public record Open(StagePlan stage, ActorRef<SupervisorCommand> replyTo) implements Command {}

  /**
   * Trains a step.
   *
   * @param step its number, from 0
   * @param tickets whose groups to take from the experience; empty when the stage needs none
   */
  public record Train(
      StagePlan stage, long step, List<TicketId> tickets, ActorRef<SupervisorCommand> replyTo)
      implements Command {
    /** Copies the list. */
    public Train {
      tickets = List.copyOf(tickets);
    }
  }

  /** Writes a checkpoint after that many steps, before the next one is trained. */
  public record Save(StagePlan stage, long stepsDone, ActorRef<SupervisorCommand> replyTo)
      implements Command {}

  /** Ends a stage after its last step; its weights stay published. */
  public record Conclude(StagePlan stage, ActorRef<SupervisorCommand> replyTo) implements Command {}

  record Received(Train order, Experience.TakeReply reply) implements Command {}

  /** Work is done: the answer to send, or what went wrong. */
  record Done(ActorRef<SupervisorCommand> replyTo, SupervisorCommand answer, Throwable failure)
      implements Command {}

  private final ActorRef<Experience.Command> experience;
  private final ActorRef<SupervisorCommand> supervisor;
  private final Function<StagePlan, Course> courses;
  private final Executor executor;
  private Course course;
  private SupervisorCommand.Trained lastTrained;

  /**
   * @param courses makes the course of a stage
   * @param executor runs the native work: one thread, so that calls follow each other
   */
  public static Behavior<Command> create(
      ActorRef<Experience.Command> experience,
      ActorRef<SupervisorCommand> supervisor,
      Function<StagePlan, Course> courses,
      Executor executor) {
    return Behaviors.setup(
        context -> new Learner(context, experience, supervisor, courses, executor));
  }

  private Learner(
      ActorContext<Command> context,
      ActorRef<Experience.Command> experience,
      ActorRef<SupervisorCommand> supervisor,
      Function<StagePlan, Course> courses,
      Executor executor) {
    super(context);
    this.experience = experience;
    this.supervisor = supervisor;
    this.courses = courses;
    this.executor = executor;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Open.class, this::onOpen)
        .onMessage(Train.class, this::onTrain)
        .onMessage(Save.class, this::onSave)
        .onMessage(Conclude.class, this::onConclude)
        .onMessage(Received.class, this::onReceived)
        .onMessage(Done.class, this::onDone)
        .onSignal(PreRestart.class, signal -> release())
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onOpen(Open open) {
    Course last = course;
    Course next = courses.apply(open.stage());
    course = next;
    lastTrained = null;
    work(
        open.replyTo(),
        () -> {
          if (last != null) {
            last.close();
          }
          return new SupervisorCommand.StageOpened(open.stage().name(), next.open());
        });
    return this;
  }

  private Behavior<Command> onTrain(Train order) {
    if (lastTrained != null && lastTrained.step() == order.step()) {
      order.replyTo().tell(lastTrained);
    } else if (order.tickets().isEmpty()) {
      train(order, List.of());
    } else {
      ActorRef<Experience.TakeReply> reply =
          getContext()
              .messageAdapter(Experience.TakeReply.class, groups -> new Received(order, groups));
      experience.tell(new Experience.Take(order.tickets(), reply));
    }
    return this;
  }

  private Behavior<Command> onReceived(Received received) {
    if (received.reply() instanceof Experience.Taken taken) {
      train(received.order(), taken.groups());
      return this;
    }
    throw fail(
        new IllegalStateException(
            "the experience has no complete groups for step "
                + received.order().step()
                + ": "
                + received.reply()));
  }

  private void train(Train order, List<ScoredGroup> groups) {
    Course current = course;
    work(
        order.replyTo(),
        () -> {
          StepResult result = current.train(order.step(), groups);
          return new SupervisorCommand.Trained(order.stage().name(), order.step(), result);
        });
  }

  private Behavior<Command> onSave(Save save) {
    Course current = course;
    work(
        save.replyTo(),
        () -> {
          current.save(save.stepsDone());
          return new SupervisorCommand.Saved(save.stage().name(), save.stepsDone());
        });
    return this;
  }

  private Behavior<Command> onConclude(Conclude conclude) {
    Course current = course;
    work(
        conclude.replyTo(),
        () -> {
          VersionSet result = current.conclude();
          return new SupervisorCommand.StageConcluded(conclude.stage().name(), result);
        });
    return this;
  }

  private Behavior<Command> onDone(Done done) {
    if (done.failure() != null) {
      throw fail(Failure.unwrapped(done.failure()));
    }
    if (done.answer() instanceof SupervisorCommand.Trained trained) {
      lastTrained = trained;
    }
    done.replyTo().tell(done.answer());
    return this;
  }

  private void work(ActorRef<SupervisorCommand> replyTo, Supplier<SupervisorCommand> task) {
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(task, executor),
            (answer, failure) -> new Done(replyTo, answer, failure));
  }

  private IllegalStateException fail(Throwable cause) {
    String sentence = Failure.sentence(cause);
    Remedy remedy = Failure.isForPeople(cause) ? Remedy.STOP : Remedy.REOPEN;
    supervisor.tell(
        new SupervisorCommand.RoleFailed(
            NAME, remedy == Remedy.STOP ? sentence : "The learner failed: " + sentence, remedy));
    return new IllegalStateException("the learner failed: " + sentence, cause);
  }

  private Behavior<Command> release() {
    if (course != null) {
      executor.execute(course::close);
      course = null;
    }
    return this;
  }
}

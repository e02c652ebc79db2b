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
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.actors.stage.Course;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Trains on named lists of tickets, whatever the stage. Native work runs on one thread of its own.
 * An order that comes again, because its answer may be lost, is answered again and never carried
 * out twice.
 */
public final class Learner extends AbstractBehavior<Learner.Command> {

  /** What the learner understands. */
  public sealed interface Command permits Order, Received, Done {}

  /** Something to do for the supervisor, which has one order open at a time. */
  public sealed interface Order extends Command, WireMessage permits Open, Train, Save, Conclude {
    /** Grows from order to order; the answer carries it too. */
    long number();

    /** Name of the stage that it is about. */
    String stage();

    /** Who gave it and gets the answer. */
    ActorRef<SupervisorCommand> replyTo();
  }

  /** Opens a stage and closes the one before. */
  public record Open(long number, String stage, ActorRef<SupervisorCommand> replyTo)
      implements Order {}

  /**
   * Trains a step.
   *
   * @param step its number, from 0
   * @param tickets whose groups to take from the experience; empty when the stage needs none
   * @param doneBefore tickets of this one's phase before it are not needed once the step is
   *     trained; null when the stage has none
   */
  public record Train(
      long number,
      String stage,
      long step,
      List<TicketId> tickets,
      TicketId doneBefore,
      ActorRef<SupervisorCommand> replyTo)
      implements Order {
    /** Copies the list. */
    public Train {
      tickets = List.copyOf(tickets);
    }
  }

  /** Writes a checkpoint after that many steps, before the next one is trained. */
  public record Save(long number, String stage, long stepsDone, ActorRef<SupervisorCommand> replyTo)
      implements Order {}

  /** Ends a stage after its last step; its weights stay published. */
  public record Conclude(long number, String stage, ActorRef<SupervisorCommand> replyTo)
      implements Order {}

  record Received(Train order, Experience.TakeReply reply) implements Command {}

  /** Work is done: the answer to send, or what went wrong. */
  record Done(Order order, SupervisorCommand answer, Throwable failure) implements Command {}

  private final ActorRef<Experience.Command> experience;
  private final Function<String, Course> courses;
  private final Executor executor;
  private Course course;
  private String stage;
  private long latest;
  private SupervisorCommand answer;

  /**
   * @param experience keeps the groups, in the same process
   * @param courses makes the course of a stage
   * @param executor runs the native work: one thread, so that calls follow each other
   */
  public static Behavior<Command> create(
      ActorRef<Experience.Command> experience,
      Function<String, Course> courses,
      Executor executor) {
    return Behaviors.setup(context -> new Learner(context, experience, courses, executor));
  }

  private Learner(
      ActorContext<Command> context,
      ActorRef<Experience.Command> experience,
      Function<String, Course> courses,
      Executor executor) {
    super(context);
    this.experience = experience;
    this.courses = courses;
    this.executor = executor;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Order.class, this::onOrder)
        .onMessage(Received.class, this::onReceived)
        .onMessage(Done.class, this::onDone)
        .onSignal(PreRestart.class, signal -> release())
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onOrder(Order order) {
    if (order.number() == latest && answer != null) {
      order.replyTo().tell(answer);
    }
    if (order.number() <= latest) {
      return this; // It is being carried out, or the supervisor wants something else by now.
    }
    latest = order.number();
    answer = null;
    if (order instanceof Open open) {
      open(open);
    } else if (!order.stage().equals(stage)) {
      String cause = "the learner was started again and has not opened stage " + order.stage();
      order.replyTo().tell(new SupervisorCommand.OrderFailed(order.number(), cause, Remedy.REOPEN));
    } else if (order instanceof Train train) {
      train(train);
    } else if (order instanceof Save save) {
      save(save);
    } else if (order instanceof Conclude conclude) {
      conclude(conclude);
    }
    return this;
  }

  private void open(Open open) {
    experience.tell(new Experience.Clear(open.number()));
    Course last = course;
    Course next = courses.apply(open.stage());
    course = next;
    stage = open.stage();
    work(
        open,
        () -> {
          if (last != null) {
            last.close();
          }
          return new SupervisorCommand.StageOpened(
              open.number(), open.stage(), next.open(), experience);
        });
  }

  private void train(Train order) {
    if (order.tickets().isEmpty()) {
      train(order, List.of());
    } else {
      ActorRef<Experience.TakeReply> reply =
          getContext()
              .messageAdapter(Experience.TakeReply.class, groups -> new Received(order, groups));
      experience.tell(new Experience.Take(order.tickets(), reply));
    }
  }

  private Behavior<Command> onReceived(Received received) {
    if (received.order().number() < latest) {
      return this;
    }
    if (received.reply() instanceof Experience.Taken taken) {
      train(received.order(), taken.groups());
      return this;
    }
    throw fail(
        received.order(),
        new IllegalStateException(
            "the experience has no complete groups for step "
                + received.order().step()
                + ": "
                + received.reply()));
  }

  private void train(Train order, List<ScoredGroup> groups) {
    Course current = course;
    work(
        order,
        () -> {
          StepResult result = current.train(order.step(), groups);
          return new SupervisorCommand.Trained(order.number(), order.stage(), order.step(), result);
        });
  }

  private void save(Save save) {
    Course current = course;
    work(
        save,
        () -> {
          current.save(save.stepsDone());
          return new SupervisorCommand.Saved(save.number(), save.stage(), save.stepsDone());
        });
  }

  private void conclude(Conclude conclude) {
    Course current = course;
    work(
        conclude,
        () -> {
          VersionSet result = current.conclude();
          return new SupervisorCommand.StageConcluded(conclude.number(), conclude.stage(), result);
        });
  }

  private Behavior<Command> onDone(Done done) {
    Order order = done.order();
    if (order.number() < latest) {
      return this; // The supervisor has given it up meanwhile.
    }
    if (done.failure() != null) {
      throw fail(order, Failure.unwrapped(done.failure()));
    }
    if (order instanceof Train train && train.doneBefore() != null) {
      TicketId before = train.doneBefore();
      experience.tell(new Experience.Forget(before.phase(), before.ordinal()));
    }
    answer = done.answer();
    inForce(answer).forEach(versions -> experience.tell(new Experience.Know(versions)));
    order.replyTo().tell(answer);
    return this;
  }

  /**
   * What came into force with an answer: the experience knows it before a ticket is bound to it.
   */
  private static List<VersionSet> inForce(SupervisorCommand answer) {
    if (answer instanceof SupervisorCommand.StageOpened opened) {
      return opened.inForce();
    }
    if (answer instanceof SupervisorCommand.Trained trained) {
      return List.of(trained.result().inForce());
    }
    return answer instanceof SupervisorCommand.StageConcluded concluded
        ? List.of(concluded.inForce())
        : List.of();
  }

  private void work(Order order, Supplier<SupervisorCommand> task) {
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(task, executor),
            (reply, failure) -> new Done(order, reply, failure));
  }

  private IllegalStateException fail(Order order, Throwable cause) {
    String sentence = Failure.sentence(cause);
    Remedy remedy = Failure.isForPeople(cause) ? Remedy.STOP : Remedy.REOPEN;
    order
        .replyTo()
        .tell(
            new SupervisorCommand.OrderFailed(
                order.number(),
                remedy == Remedy.STOP ? sentence : "The learner failed: " + sentence,
                remedy));
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

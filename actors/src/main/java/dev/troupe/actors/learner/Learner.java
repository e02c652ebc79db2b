package dev.troupe.actors.learner;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Trains on named lists of tickets, whatever the stage. Native work runs on one thread of its own.
 * An order that comes again, because its answer may be lost, is answered again and never carried
 * out twice.
 *
 * <p>A learner that gets orders may be given others to follow it; then it is the lead of a {@link
 * Crew}. A learner that is told to follow gets its work from the lead, see {@link CrewCommand}.
 */
public final class Learner extends AbstractBehavior<Learner.Command> {

  /** What the learner understands. */
  public sealed interface Command permits Order, CrewCommand, Received, Taken, Done, Repeat, Late {}

  /** Something to do for the supervisor, which has one order open at a time. */
  public sealed interface Order extends Command, WireMessage permits Open, Train, Save, Conclude {
    /** Grows from order to order; the answer carries it too. */
    long number();

    /** Name of the stage that it is about. */
    String stage();

    /** Who gave it and gets the answer. */
    ActorRef<SupervisorCommand> replyTo();
  }

  /**
   * Opens a stage and closes the one before.
   *
   * @param followers learners that are to train it together with this one
   */
  public record Open(
      long number,
      String stage,
      List<ActorRef<Command>> followers,
      ActorRef<SupervisorCommand> replyTo)
      implements Order {
    /** Copies the list. */
    public Open {
      followers = List.copyOf(followers);
    }
  }

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

  /**
   * Takes a checkpoint after that many steps and writes it while others are trained. Answered when
   * it is durable; meanwhile one more order may be open. The next one of this kind comes after the
   * answer.
   */
  public record Save(long number, String stage, long stepsDone, ActorRef<SupervisorCommand> replyTo)
      implements Order {}

  /** Ends a stage after its last step; its weights stay published. */
  public record Conclude(long number, String stage, ActorRef<SupervisorCommand> replyTo)
      implements Order {}

  record Received(Train order, Experience.TakeReply reply) implements Command {}

  /** Work is done: the answer to send, or what went wrong. */
  record Done(Order order, SupervisorCommand answer, Throwable failure) implements Command {}

  /** A checkpoint is in host memory: what writes it, or what went wrong. */
  record Taken(Save order, Runnable writing, Throwable failure) implements Command {}

  record Repeat() implements Command {}

  /** Others have not done their part of an order. */
  record Late(Order order) implements Command {}

  private static final Duration AGAIN = Duration.ofSeconds(2);

  private final ActorRef<Experience.Command> experience;
  private final Studio studio;
  private final Executor executor;
  private final Executor writer;
  private final Companions companions;
  private final Docket docket = new Docket();
  private Course course;
  private String stage;
  private Done own;

  /**
   * @param experience keeps the groups, in the same process
   * @param studio makes the course of a stage
   * @param executor runs the native work: one thread, so that calls follow each other
   * @param writer writes checkpoints: one thread
   * @param epoch how many times the run was started before
   */
  public static Behavior<Command> create(
      ActorRef<Experience.Command> experience,
      Studio studio,
      Executor executor,
      Executor writer,
      int epoch) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Learner(context, timers, experience, studio, executor, writer, epoch)));
  }

  private Learner(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ActorRef<Experience.Command> experience,
      Studio studio,
      Executor executor,
      Executor writer,
      int epoch) {
    super(context);
    this.experience = experience;
    this.studio = studio;
    this.executor = executor;
    this.writer = writer;
    this.companions = new Companions(context, timers, studio, executor, epoch);
    timers.startTimerWithFixedDelay(new Repeat(), AGAIN);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Order.class, this::onOrder)
        .onMessage(Received.class, this::onReceived)
        .onMessage(Taken.class, this::onTaken)
        .onMessage(Done.class, this::onDone)
        .onMessage(Late.class, this::onLate)
        .onMessage(Repeat.class, this::onRepeat)
        .onMessage(CrewCommand.Enlist.class, this::onEnlist)
        .onMessage(CrewCommand.class, it -> companions.isFollowing(it.crew()), this::onLeadSays)
        .onMessage(CrewCommand.class, companions::isOfFollower, this::onFollowerSays)
        .onMessage(CrewCommand.class, outdated -> this)
        .onSignal(PreRestart.class, signal -> release())
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onOrder(Order order) {
    if (!docket.admit(order, stage)) {
      return this;
    }
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
    own = null;
    companions.leave("the lead opens stage " + open.stage(), course);
    if (!companions.enlist(open)) {
      open(open, studio.course(open.stage()));
    }
  }

  private void open(Open open, Course next) {
    Course last = course;
    course = next;
    stage = open.stage();
    docket.drop();
    workAfterWriting(
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
    if (docket.isOutdated(received.order())) {
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
    companions.study(order, groups);
    work(
        order,
        () -> {
          StepResult result = current.train(order.step(), groups);
          return new SupervisorCommand.Trained(order.number(), order.stage(), order.step(), result);
        });
  }

  private void save(Save save) {
    Course current = course;
    companions.assist(save);
    docket.save(save);
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(() -> current.save(save.stepsDone()), executor),
            (writing, failure) -> new Taken(save, writing, failure));
  }

  private void conclude(Conclude conclude) {
    Course current = course;
    workAfterWriting(
        conclude,
        () -> {
          VersionSet result = current.conclude();
          return new SupervisorCommand.StageConcluded(conclude.number(), conclude.stage(), result);
        });
  }

  private Behavior<Command> onTaken(Taken taken) {
    Save save = taken.order();
    if (!docket.isSaving(save)) {
      return this; // The supervisor has given it up meanwhile.
    }
    if (taken.failure() != null) {
      throw fail(save, Failure.unwrapped(taken.failure()));
    }
    Order next = docket.taken();
    getContext()
        .pipeToSelf(
            CompletableFuture.runAsync(taken.writing(), writer),
            (nothing, failure) ->
                new Done(
                    save,
                    new SupervisorCommand.Saved(save.number(), save.stage(), save.stepsDone()),
                    failure));
    return next == null ? this : onOrder(next);
  }

  private Behavior<Command> onDone(Done done) {
    Order order = done.order();
    boolean isSaving = docket.isSaving(order);
    if (!isSaving && !docket.isLatest(order)) {
      return this; // It was given up meanwhile, or is of the learner before a restart.
    }
    if (done.failure() != null) {
      throw fail(order, Failure.unwrapped(done.failure()));
    }
    if (isSaving) {
      docket.saved(done.answer());
      order.replyTo().tell(done.answer());
      return this;
    }
    own = done;
    return settleIfAllAreDone();
  }

  private Behavior<Command> settle(Done done) {
    Order order = done.order();
    if (order instanceof Train train && train.doneBefore() != null) {
      TicketId before = train.doneBefore();
      experience.tell(new Experience.Forget(before.phase(), before.ordinal()));
    }
    SupervisorCommand answer = done.answer();
    docket.settle(answer);
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

  /** Work that must find the checkpoint before it on the disk. */
  private void workAfterWriting(Order order, Supplier<SupervisorCommand> task) {
    getContext()
        .pipeToSelf(
            CompletableFuture.runAsync(() -> {}, writer)
                .thenApplyAsync(nothing -> task.get(), executor),
            (reply, failure) -> new Done(order, reply, failure));
  }

  private IllegalStateException fail(Order order, Throwable cause) {
    return fail(order, Failure.sentence(cause), Follower.remedy(cause), cause);
  }

  private IllegalStateException fail(Order order, String sentence, Remedy remedy, Throwable cause) {
    order
        .replyTo()
        .tell(
            new SupervisorCommand.OrderFailed(
                order.number(),
                remedy == Remedy.STOP ? sentence : "The learner failed: " + sentence,
                remedy));
    return new IllegalStateException("the learner failed: " + sentence, cause);
  }

  // Training with others.

  private Behavior<Command> settleIfAllAreDone() {
    if (own == null) {
      return this;
    }
    companions.openAfter(own.order());
    if (!companions.areDone()) {
      return this;
    }
    Done done = own;
    own = null;
    companions.settle();
    Optional<String> deviation = companions.deviation(done.answer(), stage);
    if (deviation.isPresent()) {
      throw fail(done.order(), deviation.get(), Remedy.STOP, null);
    }
    return settle(done);
  }

  private Behavior<Command> onLate(Late late) {
    if (docket.isOutdated(late.order())) {
      return this;
    }
    if (!companions.areEnlisting()) {
      throw fail(late.order(), companions.lateness(late.order()), Remedy.REOPEN, null);
    }
    begin((Open) late.order());
    return this;
  }

  private void begin(Open order) {
    open(order, companions.begin(order));
  }

  private Behavior<Command> onRepeat(Repeat repeat) {
    companions.repeat();
    return this;
  }

  private Behavior<Command> onFollowerSays(CrewCommand said) {
    if (said instanceof CrewCommand.Faltered faltered) {
      String sentence = companions.sentence(faltered);
      if (docket.open() == null) {
        // Whatever is ordered next is refused by the learner that is started in place of this one.
        throw new IllegalStateException(sentence);
      }
      throw fail(docket.open(), sentence, faltered.remedy(), null);
    }
    if (companions.hear(said)) {
      begin((Open) docket.open());
    }
    return settleIfAllAreDone();
  }

  /** Another learner has the orders now, and this one is to follow it. */
  private Behavior<Command> onEnlist(CrewCommand.Enlist enlist) {
    if (!companions.isFollowing(enlist.crew())) {
      release();
      stage = null;
      companions.follow(enlist);
    }
    companions.answer(enlist);
    return this;
  }

  private Behavior<Command> onLeadSays(CrewCommand said) {
    companions.obey(said);
    return this;
  }

  private Behavior<Command> release() {
    own = null;
    docket.drop();
    companions.leave("the learner was stopped", course);
    if (course != null) {
      executor.execute(course::close);
      course = null;
    }
    return this;
  }
}

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
  public sealed interface Command permits Order, CrewCommand, Received, Done, Repeat, Late {}

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

  /** Writes a checkpoint after that many steps, before the next one is trained. */
  public record Save(long number, String stage, long stepsDone, ActorRef<SupervisorCommand> replyTo)
      implements Order {}

  /** Ends a stage after its last step; its weights stay published. */
  public record Conclude(long number, String stage, ActorRef<SupervisorCommand> replyTo)
      implements Order {}

  record Received(Train order, Experience.TakeReply reply) implements Command {}

  /** Work is done: the answer to send, or what went wrong. */
  record Done(Order order, SupervisorCommand answer, Throwable failure) implements Command {}

  record Repeat() implements Command {}

  /** Others have not done their part of an order. */
  record Late(Order order) implements Command {}

  private static final String LATE = "late";
  private static final Duration AGAIN = Duration.ofSeconds(2);

  /** How long others may take to say that they will follow. */
  private static final Duration ENLISTING = Duration.ofSeconds(5);

  private final ActorRef<Experience.Command> experience;
  private final Studio studio;
  private final Executor executor;
  private final int epoch;
  private final TimerScheduler<Command> timers;
  private Course course;
  private String stage;
  private long latest;
  private SupervisorCommand answer;
  private Order open;
  private Crew crew;
  private Done own;
  private Follower follower;

  /**
   * @param experience keeps the groups, in the same process
   * @param studio makes the course of a stage
   * @param executor runs the native work: one thread, so that calls follow each other
   * @param epoch how many times the run was started before
   */
  public static Behavior<Command> create(
      ActorRef<Experience.Command> experience, Studio studio, Executor executor, int epoch) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new Learner(context, timers, experience, studio, executor, epoch)));
  }

  private Learner(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ActorRef<Experience.Command> experience,
      Studio studio,
      Executor executor,
      int epoch) {
    super(context);
    this.timers = timers;
    this.experience = experience;
    this.studio = studio;
    this.executor = executor;
    this.epoch = epoch;
    timers.startTimerWithFixedDelay(new Repeat(), AGAIN);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Order.class, this::onOrder)
        .onMessage(Received.class, this::onReceived)
        .onMessage(Done.class, this::onDone)
        .onMessage(Late.class, this::onLate)
        .onMessage(Repeat.class, this::onRepeat)
        .onMessage(CrewCommand.Enlist.class, this::onEnlist)
        .onMessage(CrewCommand.class, this::isOfFollower, this::onLeadSays)
        .onMessage(CrewCommand.class, this::isOfCrew, this::onFollowerSays)
        .onMessage(CrewCommand.class, outdated -> this)
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
    open = order;
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
    experience.tell(new Experience.Clear());
    leaveOthers("the lead opens stage " + open.stage());
    if (open.followers().isEmpty() || !isShared(open.stage())) {
      if (!open.followers().isEmpty()) {
        getContext()
            .getLog()
            .info(
                "stage {} cannot be shared; this learner trains it alone, others stand by",
                open.stage());
      }
      open(open, studio.course(open.stage()));
      return;
    }
    crew = new Crew(epoch);
    crew.enlist(open.followers(), getContext().getSelf());
    timers.startSingleTimer(LATE, new Late(open), ENLISTING);
  }

  private boolean isShared(String name) {
    return studio.ensemble().filter(it -> it.isShared(name)).isPresent();
  }

  /** With those who answered. */
  private void begin(Open open) {
    Studio.Ensemble ensemble = studio.ensemble().orElseThrow();
    if (!crew.silent().isEmpty()) {
      getContext()
          .getLog()
          .warn(
              "stage {} is trained without {}, which did not answer within {} s",
              open.stage(),
              crew.silent(),
              ENLISTING.toSeconds());
    }
    timers.startSingleTimer(LATE, new Late(open), ensemble.patience(open.stage()));
    Optional<Studio.Seat> seat = crew.begin(ensemble.endpoint(), open.stage());
    getContext()
        .getLog()
        .info(
            "leads {} learners in stage {}",
            seat.map(it -> it.endpoints().size()).orElse(1),
            open.stage());
    open(
        open,
        seat.map(it -> ensemble.course(open.stage(), it))
            .orElseGet(() -> studio.course(open.stage())));
  }

  private void open(Open open, Course next) {
    Course last = course;
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
    if (crew != null) {
      crew.study(order.step(), groups);
      timers.startSingleTimer(
          LATE, new Late(order), studio.ensemble().orElseThrow().patience(stage));
    }
    work(
        order,
        () -> {
          StepResult result = current.train(order.step(), groups);
          return new SupervisorCommand.Trained(order.number(), order.stage(), order.step(), result);
        });
  }

  private void save(Save save) {
    Course current = course;
    if (crew != null) {
      crew.assist(save.stepsDone());
    }
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
    if (crew != null) {
      own = done;
      return settleIfAllAreDone();
    }
    return settle(done);
  }

  private Behavior<Command> settle(Done done) {
    Order order = done.order();
    if (order instanceof Train train && train.doneBefore() != null) {
      TicketId before = train.doneBefore();
      experience.tell(new Experience.Forget(before.phase(), before.ordinal()));
    }
    open = null;
    answer = done.answer();
    order.replyTo().tell(answer);
    return this;
  }

  private void work(Order order, Supplier<SupervisorCommand> task) {
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(task, executor),
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
    if (own == null || !crew.isDone()) {
      return this;
    }
    Done done = own;
    own = null;
    timers.cancel(LATE);
    Optional<String> deviant = digest(done.answer()).flatMap(crew::deviant);
    if (deviant.isPresent()) {
      throw fail(
          done.order(),
          "Learner %s computed other weights than the lead in stage %s; all learners need the same program, device type and number format."
              .formatted(deviant.get(), stage),
          Remedy.STOP,
          null);
    }
    return settle(done);
  }

  /** Of the policy in force, which all must have. */
  private static Optional<String> digest(SupervisorCommand answer) {
    if (answer instanceof SupervisorCommand.StageOpened opened) {
      VersionSet newest = opened.inForce().get(opened.inForce().size() - 1);
      return Optional.of(newest.policy().digest());
    }
    return answer instanceof SupervisorCommand.Trained trained
        ? Optional.of(trained.result().inForce().policy().digest())
        : Optional.empty();
  }

  private Behavior<Command> onLate(Late late) {
    if (crew == null || late.order().number() < latest) {
      return this;
    }
    if (late.order() instanceof Open open && !crew.isSeated()) {
      begin(open);
      return this;
    }
    String sentence =
        "%s did not %s within %d s"
            .formatted(
                crew.isDone() ? "the lead" : crew.late(),
                late.order() instanceof Train train
                    ? "train step " + (train.step() + 1) + " of stage " + stage
                    : "open stage " + stage,
                studio.ensemble().orElseThrow().patience(stage).toSeconds());
    throw fail(late.order(), sentence, Remedy.REOPEN, null);
  }

  private Behavior<Command> onRepeat(Repeat repeat) {
    if (crew != null) {
      crew.repeat();
    }
    return this;
  }

  private boolean isOfCrew(CrewCommand command) {
    return crew != null && crew.key().equals(command.crew());
  }

  private Behavior<Command> onFollowerSays(CrewCommand said) {
    if (said instanceof CrewCommand.Enlisted enlisted) {
      if (crew.onEnlisted(enlisted) && open instanceof Open order) {
        begin(order);
      }
    } else if (said instanceof CrewCommand.Begun begun) {
      crew.onBegun(begun);
    } else if (said instanceof CrewCommand.Noted noted) {
      crew.onNoted(noted);
    } else if (said instanceof CrewCommand.Studied studied) {
      crew.onStudied(studied);
    } else if (said instanceof CrewCommand.Assisting assisting) {
      crew.onAssisting(assisting);
    } else if (said instanceof CrewCommand.Faltered faltered) {
      String sentence =
          "learner %s failed: %s".formatted(crew.name(faltered.rank()), faltered.cause());
      if (open == null) {
        // Whatever is ordered next is refused by the learner that is started in place of this one.
        throw new IllegalStateException(sentence);
      }
      throw fail(open, sentence, faltered.remedy(), null);
    }
    return settleIfAllAreDone();
  }

  /** Another learner has the orders now, and this one is to follow it. */
  private Behavior<Command> onEnlist(CrewCommand.Enlist enlist) {
    if (follower == null || !follower.crew().equals(enlist.crew())) {
      release();
      stage = null;
      follower = new Follower(enlist, executor);
    }
    studio
        .ensemble()
        .ifPresent(
            it ->
                enlist
                    .lead()
                    .tell(
                        new CrewCommand.Enlisted(
                            enlist.crew(), getContext().getSelf(), it.endpoint())));
    return this;
  }

  private boolean isOfFollower(CrewCommand command) {
    return follower != null && follower.crew().equals(command.crew());
  }

  private Behavior<Command> onLeadSays(CrewCommand said) {
    if (said instanceof CrewCommand.Begin begin) {
      getContext()
          .getLog()
          .info(
              "is learner {} of {} in stage {}",
              begin.seat().rank() + 1,
              begin.seat().endpoints().size(),
              begin.stage());
      follower.begin(begin, studio.ensemble().orElseThrow());
    } else if (said instanceof CrewCommand.Study study) {
      follower.study(study);
    } else if (said instanceof CrewCommand.Assist assist) {
      follower.assist(assist);
    } else if (said instanceof CrewCommand.Dismiss) {
      leaveOthers("the lead has let this learner go");
    }
    return this;
  }

  /** Ends what was done together, whether as lead or as follower. */
  private void leaveOthers(String reason) {
    timers.cancel(LATE);
    own = null;
    if (follower != null) {
      follower.leave(reason);
      follower = null;
    }
    if (crew != null) {
      if (course != null) {
        course.abandon(reason);
      }
      crew.dismiss();
      crew = null;
    }
  }

  private Behavior<Command> release() {
    leaveOthers("the learner was stopped");
    if (course != null) {
      executor.execute(course::close);
      course = null;
    }
    return this;
  }
}

package dev.troupe.actors.node;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.supervisor.CompanyState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The guardian of every process of a run, whether it is the only one or one of many: opens the
 * office if it supervises, applies at the door, plays its roles once it is admitted, and ends when
 * the run is over.
 */
public final class Node extends AbstractBehavior<Node.Command> {
  private static final Duration AGAIN = Duration.ofSeconds(1);

  /** How long a supervisor may be out of reach until the node looks for it anew. */
  private static final Duration REUNION = Duration.ofSeconds(15);

  private static final String REMOVED =
      "The cluster has given this node up because it was silent for too long.";
  private static final String LEFT = "The node was asked to leave the run, which goes on.";
  private static final String ABANDONED =
      "The supervisor has been out of reach for %d s.".formatted(REUNION.toSeconds());

  /** What a node understands. */
  public sealed interface Command
      permits Stop,
          AskCompany,
          Answered,
          DoorsListed,
          OfficeEnded,
          OfficeFailed,
          Unwanted,
          Removed,
          Retired,
          Repeat,
          Impatient,
          Abandoned {}

  /**
   * Asks for the end: of the run where it is supervised, elsewhere of this node.
   *
   * @param grace how long what was begun may take to be finished; zero for an end at once
   */
  public record Stop(String reason, Duration grace) implements Command {}

  /** Asks what everybody is doing; answered only where the run is supervised. */
  public record AskCompany(ActorRef<CompanyState> replyTo) implements Command {}

  /** No cluster takes the node in; one sentence. */
  public record Unwanted(String reason) implements Command {}

  /** The cluster has removed the node. */
  public record Removed() implements Command {}

  record Answered(Door.Answer answer) implements Command {}

  record DoorsListed(Set<ActorRef<Door.Command>> present) implements Command {}

  record OfficeEnded(RunOutcome outcome) implements Command {}

  record OfficeFailed(RuntimeException cause) implements Command {}

  /** The roles have nothing in work any more, or their grace is over. */
  record Retired() implements Command {}

  record Repeat() implements Command {}

  record Impatient() implements Command {}

  record Abandoned() implements Command {}

  /** Who is told how it went. Called on the thread of an actor. */
  public interface Listener {
    /** The node takes part. */
    void admitted(String run, int epoch);

    /** The run is over. */
    void ended(RunOutcome outcome);

    /** The node cannot take part; the message is for people. */
    void failed(RuntimeException cause);
  }

  /** Starts the office, in this process or as a singleton of the cluster. */
  @FunctionalInterface
  public interface OfficeStart {
    /** Starts it and says where to ask for its end. */
    ActorRef<Office.Command> start(ActorContext<Command> context, Office.Consequence consequence);
  }

  private final Applicant applicant;
  private final Cast cast;
  private final Duration patience;
  private final Listener listener;
  private final Optional<ActorRef<Office.Command>> office;
  private final ActorRef<Door.Answer> answers;
  private final TimerScheduler<Command> timers;
  private ActorRef<Door.Command> door;
  private ActorRef<Session.Command> session;
  private int sessions;

  /**
   * @param applicant who this node is
   * @param cast makes the actors of its roles
   * @param office starts the office; used only by nodes that supervise
   * @param patience how long to look for a supervisor
   * @param listener is told how it went
   * @param companions starts what else the process needs beside its roles
   */
  public static Behavior<Command> create(
      Applicant applicant,
      Cast cast,
      OfficeStart office,
      Duration patience,
      Listener listener,
      Consumer<ActorContext<Command>> companions) {
    return Behaviors.setup(
        context -> {
          companions.accept(context);
          return Behaviors.withTimers(
              timers -> new Node(context, timers, applicant, cast, office, patience, listener));
        });
  }

  private Node(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Applicant applicant,
      Cast cast,
      OfficeStart office,
      Duration patience,
      Listener listener) {
    super(context);
    this.timers = timers;
    this.applicant = applicant;
    this.cast = cast;
    this.patience = patience;
    this.listener = listener;
    this.answers = context.messageAdapter(Door.Answer.class, Answered::new);
    ActorRef<Command> self = context.getSelf();
    this.office =
        applicant.roles().contains(Role.SUPERVISOR)
            ? Optional.of(office.start(context, consequence(self)))
            : Optional.empty();
    context.spawn(
        Attendance.create(
            List.of(
                new Attendance.Subject<>(Lobby.DOOR, doors -> self.tell(new DoorsListed(doors))))),
        "roll-call");
    timers.startTimerWithFixedDelay(new Repeat(), AGAIN);
    timers.startSingleTimer(new Impatient(), patience);
  }

  private static Office.Consequence consequence(ActorRef<Command> node) {
    return new Office.Consequence() {
      @Override
      public void ended(RunOutcome outcome) {
        node.tell(new OfficeEnded(outcome));
      }

      @Override
      public void failed(RuntimeException cause) {
        node.tell(new OfficeFailed(cause));
      }
    };
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Stop.class, this::onStop)
        .onMessage(AskCompany.class, this::onAskCompany)
        .onMessage(Unwanted.class, unwanted -> fail(new RunException(unwanted.reason())))
        .onMessage(Removed.class, removed -> fail(new OutOfTouchException(REMOVED)))
        .onMessage(Answered.class, this::onAnswered)
        .onMessage(DoorsListed.class, this::onDoorsListed)
        .onMessage(OfficeEnded.class, ended -> end(ended.outcome()))
        .onMessage(OfficeFailed.class, failed -> fail(failed.cause()))
        .onMessage(Retired.class, retired -> end(new RunOutcome.Paused(LEFT)))
        .onMessage(Repeat.class, this::onRepeat)
        .onMessage(Impatient.class, this::onImpatient)
        .onMessage(Abandoned.class, abandoned -> fail(new OutOfTouchException(ABANDONED)))
        .build();
  }

  private Behavior<Command> onStop(Stop stop) {
    if (office.isPresent()) {
      office.get().tell(new Office.Stop(stop.reason(), stop.grace()));
      return this;
    }
    // The run goes on without this node.
    if (session == null || stop.grace().isZero()) {
      return end(
          stop.grace().isZero()
              ? new RunOutcome.Stopped(stop.reason())
              : new RunOutcome.Paused(LEFT));
    }
    session.tell(
        new Session.Retire(getContext().messageAdapter(Done.class, done -> new Retired())));
    timers.startSingleTimer(new Retired(), stop.grace());
    return this;
  }

  private Behavior<Command> onAskCompany(AskCompany ask) {
    office.ifPresent(it -> it.tell(new Office.AskCompany(ask.replyTo())));
    return this;
  }

  private Behavior<Command> onDoorsListed(DoorsListed listed) {
    if (door != null && listed.present().contains(door)) {
      timers.cancel(new Abandoned());
      return this;
    }
    Optional<ActorRef<Door.Command>> other = listed.present().stream().findFirst();
    if (other.isPresent()) {
      leave();
      timers.cancel(new Abandoned());
      door = other.get();
      apply();
    } else if (door != null) {
      // It may be back in a moment, and then nothing was lost: what was sent is sent again.
      timers.startSingleTimer(new Abandoned(), REUNION);
    }
    return this;
  }

  private void leave() {
    if (session != null) {
      getContext().getLog().info("another supervisor is there; the roles of this node begin anew");
      getContext().stop(session);
      session = null;
    }
  }

  private Behavior<Command> onRepeat(Repeat repeat) {
    apply();
    return this;
  }

  private void apply() {
    if (door != null && session == null) {
      door.tell(new Door.Apply(applicant, answers));
    }
  }

  private Behavior<Command> onAnswered(Answered answered) {
    if (answered.answer() instanceof Door.Refused refused) {
      return fail(new RunException(refused.reason()));
    }
    if (answered.answer() instanceof Door.Admitted admitted) {
      begin(admitted);
    }
    if (answered.answer() instanceof Door.RunOver over) {
      over.replyTo().tell(new Door.Goodbye(applicant.node()));
      // The process of the supervisor ends last: its office has to say goodbye to the others.
      return office.isPresent() ? this : end(over.outcome());
    }
    return this;
  }

  private void begin(Door.Admitted admitted) {
    if (session == null && door != null) {
      timers.cancel(new Impatient());
      session =
          getContext()
              .spawn(
                  Session.create(applicant.node(), applicant.roles(), cast, admitted),
                  "session-" + ++sessions);
      listener.admitted(admitted.run(), admitted.epoch());
    }
  }

  private Behavior<Command> onImpatient(Impatient impatient) {
    if (session != null) {
      return this;
    }
    return fail(
        new RunException(
            "No supervisor answered within %d s; start one with: troupe node --roles supervisor."
                .formatted(patience.toSeconds())));
  }

  private Behavior<Command> end(RunOutcome outcome) {
    listener.ended(outcome);
    return Behaviors.stopped();
  }

  private Behavior<Command> fail(RuntimeException cause) {
    listener.failed(cause);
    return Behaviors.stopped();
  }
}

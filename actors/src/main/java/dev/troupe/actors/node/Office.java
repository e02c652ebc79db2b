package dev.troupe.actors.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;
import dev.troupe.actors.journal.JournalTerms;
import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.InUseException;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.supervisor.CompanyState;
import dev.troupe.actors.supervisor.Supervisor;
import dev.troupe.actors.supervisor.SupervisorCommand;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the supervisor works, with the recorder, the run directory and the door beside it. There is
 * one office at a time; in a cluster it is a singleton.
 */
public final class Office extends AbstractBehavior<Office.Command> {
  private static final Logger LOG = LoggerFactory.getLogger(Office.class);
  private static final Duration AGAIN = Duration.ofSeconds(1);

  /** What the office understands. */
  public sealed interface Command permits Stop, AskCompany, Leave, Ended, Closed, Again {}

  /**
   * Asks for the end of the run.
   *
   * @param grace how long what was begun may take to be finished; zero for an end at once
   */
  public record Stop(String reason, Duration grace) implements Command, WireMessage {}

  /** Asks what everybody is doing; from this process only. */
  public record AskCompany(ActorRef<CompanyState> replyTo) implements Command {}

  /** The office moves to another node, or its process ends. */
  public record Leave() implements Command {}

  record Ended(RunOutcome outcome) implements Command {}

  record Closed(RunOutcome outcome) implements Command {}

  record Again() implements Command {}

  /**
   * A run that is taken up.
   *
   * @param plan what is to be done
   * @param journal where its decisions are
   * @param recorder writes its directory
   * @param objection why a node may not take part, if so
   * @param close lets others have the directory
   */
  public record Opening(
      RunPlan plan,
      JournalTerms journal,
      Behavior<Recorder.Command> recorder,
      Function<Applicant, Optional<String>> objection,
      Runnable close) {
    /** The same, which does this in the place of closing. */
    public Opening closing(Runnable other) {
      return new Opening(plan, journal, recorder, objection, other);
    }
  }

  private final Opening opening;
  private final Consequence consequence;
  private final ActorRef<RunOutcome> owner;
  private final ActorRef<Recorder.Command> recorder;
  private final ActorRef<SupervisorCommand> supervisor;
  private final ActorRef<Door.Command> door;

  /** Who is told what became of the office. */
  public interface Consequence {
    /** The run is over and all nodes know it. */
    void ended(RunOutcome outcome);

    /** The run cannot begin here. */
    void failed(RuntimeException cause);
  }

  /**
   * Takes the run up and convenes the company.
   *
   * @param openings opens the run directory; its exceptions are for people
   * @param clock of waits and of the time that steps take; it must not jump
   * @param patience how long a needed role may be played by nobody
   * @param isSuccession whether the office was elsewhere before: then the process there may not
   *     have ended yet, and its run directory is waited for, as long as for a role
   */
  public static Behavior<Command> create(
      Supplier<Opening> openings,
      Clock clock,
      Duration patience,
      BooleanSupplier isSuccession,
      Consequence consequence) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  Function<Opening, Behavior<Command>> work =
                      opening -> new Office(context, opening, clock, patience, consequence);
                  long attempts = isSuccession.getAsBoolean() ? patience.dividedBy(AGAIN) : 0;
                  return open(timers, openings, attempts, "", work, consequence);
                }));
  }

  private static Behavior<Command> open(
      TimerScheduler<Command> timers,
      Supplier<Opening> openings,
      long attempts,
      String told,
      Function<Opening, Behavior<Command>> work,
      Consequence consequence) {
    Opening opening;
    try {
      opening = openings.get();
    } catch (InUseException e) {
      if (attempts > 0) {
        String reason = e.getMessage();
        if (!reason.equals(told)) {
          LOG.warn("The supervisor is to work here as soon as it can: {}", reason);
        }
        timers.startSingleTimer(new Again(), AGAIN);
        return Behaviors.receive(Command.class)
            .onMessage(
                Again.class,
                again -> open(timers, openings, attempts - 1, reason, work, consequence))
            .onMessage(Leave.class, leave -> Behaviors.stopped())
            .onMessage(
                Stop.class,
                stop -> {
                  consequence.ended(new RunOutcome.Stopped(stop.reason()));
                  return Behaviors.stopped();
                })
            .onAnyMessage(other -> Behaviors.same())
            .build();
      }
      consequence.failed(e);
      return Behaviors.stopped();
    } catch (RuntimeException e) {
      consequence.failed(e);
      return Behaviors.stopped();
    }
    return work.apply(opening);
  }

  private Office(
      ActorContext<Command> context,
      Opening opening,
      Clock clock,
      Duration patience,
      Consequence consequence) {
    super(context);
    this.opening = opening;
    this.consequence = consequence;
    this.owner = context.messageAdapter(RunOutcome.class, Ended::new);
    this.recorder = context.spawn(opening.recorder(), "recorder", DispatcherSelector.blocking());
    this.supervisor =
        context.spawn(
            Supervisor.create(opening.plan(), opening.journal(), clock, patience, recorder, owner),
            "supervisor");
    context.watch(supervisor);
    context.spawn(rollCall(supervisor), "roll-call");
    this.door =
        context.spawn(
            Door.create(
                new Door.Admitted(
                    opening.plan().name(), opening.journal().epoch(), supervisor, recorder),
                opening.objection()),
            "door");
  }

  private static Behavior<Receptionist.Listing> rollCall(ActorRef<SupervisorCommand> supervisor) {
    return Attendance.create(
        List.of(
            new Attendance.Subject<>(
                Lobby.GENERATORS,
                all -> supervisor.tell(new SupervisorCommand.GeneratorsListed(all))),
            new Attendance.Subject<>(
                Lobby.LEARNERS, all -> supervisor.tell(new SupervisorCommand.LearnersListed(all))),
            new Attendance.Subject<>(
                Lobby.REWARDS,
                all -> supervisor.tell(new SupervisorCommand.RewardsListed(all.size()))),
            new Attendance.Subject<>(
                Lobby.REFERENCES,
                all -> supervisor.tell(new SupervisorCommand.ReferencesListed(all.size())))));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Stop.class, this::onStop)
        .onMessage(AskCompany.class, this::onAskCompany)
        .onMessage(Leave.class, leave -> Behaviors.stopped())
        .onMessage(Ended.class, this::onEnded)
        .onMessage(Closed.class, this::onClosed)
        .onSignal(ChildFailed.class, this::onSupervisorFailed)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onStop(Stop stop) {
    supervisor.tell(new SupervisorCommand.Stop(stop.reason(), stop.grace()));
    return this;
  }

  private Behavior<Command> onAskCompany(AskCompany ask) {
    supervisor.tell(new SupervisorCommand.AskCompany(ask.replyTo()));
    return this;
  }

  private Behavior<Command> onEnded(Ended ended) {
    door.tell(new Door.Close(ended.outcome(), getContext().getSelf().narrow()));
    return this;
  }

  private Behavior<Command> onClosed(Closed closed) {
    consequence.ended(closed.outcome());
    return Behaviors.stopped();
  }

  /** As a rule the journal cannot be used; what was decided is there, and so the run resumes. */
  private Behavior<Command> onSupervisorFailed(ChildFailed failed) {
    getContext().getLog().error("the supervisor failed", failed.cause());
    Throwable cause =
        failed.cause().getCause() == null ? failed.cause() : failed.cause().getCause();
    var outcome =
        new RunOutcome.Stopped(
            "The supervisor cannot go on: %s; check the disk or the database of the journal and troupe.log, then start the same command again."
                .formatted(Failure.sentence(cause)));
    recorder.tell(new Recorder.RunEnded(outcome, owner));
    return this;
  }

  private Behavior<Command> onPostStop() {
    opening.close().run();
    return this;
  }
}

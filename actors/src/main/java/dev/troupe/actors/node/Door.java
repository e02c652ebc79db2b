package dev.troupe.actors.node;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.supervisor.SupervisorCommand;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Admits nodes to the run, beside the supervisor, and tells them when the run is over. A node of
 * another program or with other settings is refused, for its results would differ.
 */
public final class Door extends AbstractBehavior<Door.Command> {
  private static final Duration AGAIN = Duration.ofSeconds(1);

  /** How often a node is told that the run is over before nothing more is expected from it. */
  private static final int MOST_FAREWELLS = 5;

  /** What the door understands. */
  public sealed interface Command permits Apply, Goodbye, Close, Repeat {}

  /** A node wants to take part; asking again is harmless. */
  public record Apply(Applicant applicant, ActorRef<Answer> replyTo)
      implements Command, WireMessage {}

  /** A node knows that the run is over. */
  public record Goodbye(String node) implements Command, WireMessage {}

  /** The run is over: all nodes are told, then the office. */
  record Close(RunOutcome outcome, ActorRef<Office.Closed> office) implements Command {}

  record Repeat() implements Command {}

  /** What a node hears from the door. */
  public sealed interface Answer permits Admitted, Refused, RunOver {}

  /**
   * A node takes part.
   *
   * @param run name of the run
   * @param epoch how many times the run was started before
   * @param supervisor the supervisor of this segment of the run
   * @param recorder writes for it
   */
  public record Admitted(
      String run,
      int epoch,
      ActorRef<SupervisorCommand> supervisor,
      ActorRef<Recorder.Command> recorder)
      implements Answer, WireMessage {}

  /** A node cannot take part; the reason is one sentence for the person who started it. */
  public record Refused(String reason) implements Answer, WireMessage {}

  /** The run is over; this is said again until it is answered. */
  public record RunOver(RunOutcome outcome, ActorRef<Command> replyTo)
      implements Answer, WireMessage {}

  private final Admitted admission;
  private final Function<Applicant, Optional<String>> objection;
  private final Map<String, ActorRef<Answer>> guests = new HashMap<>();
  private Close closing;
  private int farewells;

  /**
   * Registers itself where nodes look for it.
   *
   * @param admission what a node is told that may take part
   * @param objection why a node may not take part, if so
   */
  public static Behavior<Command> create(
      Admitted admission, Function<Applicant, Optional<String>> objection) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Door(context, timers, admission, objection)));
  }

  private Door(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Admitted admission,
      Function<Applicant, Optional<String>> objection) {
    super(context);
    this.admission = admission;
    this.objection = objection;
    context.getSystem().receptionist().tell(Receptionist.register(Lobby.DOOR, context.getSelf()));
    timers.startTimerWithFixedDelay(new Repeat(), AGAIN);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Apply.class, this::onApply)
        .onMessage(Goodbye.class, this::onGoodbye)
        .onMessage(Close.class, this::onClose)
        .onMessage(Repeat.class, this::onRepeat)
        .build();
  }

  private Behavior<Command> onApply(Apply apply) {
    Optional<String> reason = objection.apply(apply.applicant());
    if (reason.isPresent()) {
      getContext().getLog().warn("{} is refused: {}", apply.applicant().node(), reason.get());
      apply.replyTo().tell(new Refused(reason.get()));
      return this;
    }
    if (guests.put(apply.applicant().node(), apply.replyTo()) == null) {
      getContext()
          .getLog()
          .info("{} takes part as {}", apply.applicant().node(), apply.applicant().roles());
    }
    apply.replyTo().tell(closing == null ? admission : farewell());
    return this;
  }

  private Behavior<Command> onGoodbye(Goodbye goodbye) {
    guests.remove(goodbye.node());
    return leaveIfAlone();
  }

  private Behavior<Command> onClose(Close close) {
    closing = close;
    guests.values().forEach(guest -> guest.tell(farewell()));
    return leaveIfAlone();
  }

  private Behavior<Command> onRepeat(Repeat repeat) {
    if (closing == null) {
      return this;
    }
    if (++farewells > MOST_FAREWELLS) {
      guests.clear();
    }
    guests.values().forEach(guest -> guest.tell(farewell()));
    return leaveIfAlone();
  }

  private RunOver farewell() {
    return new RunOver(closing.outcome(), getContext().getSelf());
  }

  private Behavior<Command> leaveIfAlone() {
    if (closing == null || !guests.isEmpty()) {
      return this;
    }
    closing.office().tell(new Office.Closed(closing.outcome()));
    return Behaviors.stopped();
  }
}

package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StagePlan;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the supervisor knows of the others at this moment: who plays which role, who has which unit,
 * which order is open, and what is waited for. All of it is gone with the process and comes back by
 * itself. Plain state of the supervisor, no actor.
 */
final class Company {

  private enum Change {
    NONE,
    /** There is none. */
    LOST,
    /** Another one gets the orders. */
    REPLACED,
    /** One that follows cannot be reached any more. */
    REDUCED
  }

  final UnitBook book;
  final Waits waits;
  final Granting granting;
  final Orders orders;
  final Recalls recalls;
  final Roster roster;
  final Clock clock;
  final ActorRef<SupervisorCommand> self;
  private final RollCall rollCall;
  private final Lineup lineup = new Lineup();
  private final RunPlan plan;
  private final Consumer<String> warnings;
  private ActorRef<Experience.Command> experience;
  private long opening;

  /**
   * @param patience how long a needed role may be played by nobody
   * @param warnings is told of every loss that is made good
   */
  Company(
      TimerScheduler<SupervisorCommand> timers,
      RunPlan plan,
      Clock clock,
      Duration patience,
      ActorRef<SupervisorCommand> self,
      Consumer<String> warnings) {
    this.plan = plan;
    this.book = new UnitBook(plan.limits().departures());
    this.warnings = warnings;
    this.clock = clock;
    this.self = self;
    this.waits = new Waits(timers, clock);
    this.granting = new Granting(book, waits, plan.limits().grants(), warnings);
    this.orders = new Orders(waits);
    this.recalls = new Recalls(book, waits, self);
    this.roster = new Roster(waits, patience);
    this.rollCall = new RollCall(book, granting, waits);
    roster.need(Role.LEARNER, plan.learners());
    if (plan.evaluation().isPresent()
        || plan.stages().stream().anyMatch(it -> it.tickets().isPresent())) {
      roster.need(Role.GENERATOR);
      roster.need(Role.REWARD);
    }
  }

  /**
   * Takes note of which learners can be reached; one of them gets the orders.
   *
   * @return why the stage goes back to its latest checkpoint, if so
   */
  Optional<String> learners(Set<ActorRef<Learner.Command>> present, Phase phase) {
    Change change = change(present);
    if (change == Change.REDUCED) {
      return phase.isShared()
          ? Optional.of("a learner that trained with others is out of reach")
          : Optional.empty();
    }
    if (change == Change.NONE || !phase.isUnderWay()) {
      return Optional.empty();
    }
    waits.close(new WaitKey.Learner());
    if (change == Change.REPLACED) {
      return Optional.of("another learner takes over");
    }
    granting.to(null);
    warnings.accept("The learner is out of reach.");
    return Optional.empty();
  }

  private Change change(Set<ActorRef<Learner.Command>> present) {
    ActorRef<Learner.Command> before = lineup.lead();
    if (lineup.listed(present)) {
      return lineup.isShort() ? Change.REDUCED : Change.NONE;
    }
    orders.to(lineup.lead());
    if (lineup.lead() != null) {
      return Change.REPLACED;
    }
    return before == null ? Change.NONE : Change.LOST;
  }

  /** Who trains a stage together with the learner that gets the orders, from now on. */
  List<ActorRef<Learner.Command>> followers(StagePlan stage) {
    return lineup.choose(plan.learners(stage));
  }

  /** Whether a learner stands by that could train together with the others. */
  boolean hasSpareLearner() {
    return lineup.hasSpare();
  }

  /** Whether the run can begin. */
  boolean isComplete() {
    return lineup.lead() != null && roster.isComplete();
  }

  /** The run begins; from now on the learners that remain go on without those that leave. */
  void begin() {
    roster.need(Role.LEARNER, 1);
  }

  /** Lets go of all that belongs to a stage, before it is opened or opened again. */
  void clear() {
    book.clear();
    recalls.clear();
    waits.clear();
    roster.watchAll();
    granting.reset();
  }

  /** Waits for nothing any more. */
  void dismiss() {
    waits.clear();
    book.clear();
    recalls.clear();
    orders.to(null);
  }

  /** The stage was opened, and its groups go to the experience of that learner. */
  void opened(SupervisorCommand.StageOpened opened) {
    opening = opened.order();
    experience = opened.experience();
    granting.to(experience);
    recalls.to(experience);
  }

  /** Notes that a group is complete, unless it was before the stage was opened. */
  void complete(SupervisorCommand.GroupReady ready) {
    if (ready.opening() == opening) {
      waits.close(new WaitKey.Arrival());
      book.complete(ready.facts()).ifPresent(unit -> waits.close(new WaitKey.UnitDone(unit)));
    }
  }

  /** Lets the ledger forget what comes before a ticket. */
  void release(TicketId first) {
    experience.tell(new Experience.Release(first.phase(), first.ordinal()));
  }

  /** Sends again what is not answered. */
  void repeat() {
    orders.repeat();
    recalls.repeat();
  }

  /** Who is doing what. */
  CompanyState state(Phase phase, Optional<StageWork> work) {
    return rollCall.state(phase.name().toLowerCase(Locale.ROOT), work);
  }
}

package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.stage.RunPlan;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
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

  /** What became of the learner. */
  enum Change {
    NONE,
    LOST,
    REPLACED
  }

  final UnitBook book = new UnitBook();
  final Waits waits;
  final Granting granting;
  final Orders orders;
  final Recalls recalls;
  final Roster roster;
  final Clock clock;
  final ActorRef<SupervisorCommand> self;
  private final RollCall rollCall;
  private ActorRef<Learner.Command> learner;
  private ActorRef<Experience.Command> experience;

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
    this.clock = clock;
    this.self = self;
    this.waits = new Waits(timers, clock);
    this.granting = new Granting(book, waits, plan.limits().grants(), warnings);
    this.orders = new Orders(waits);
    this.recalls = new Recalls(book, waits, self);
    this.roster = new Roster(waits, patience);
    this.rollCall = new RollCall(book, granting, waits);
    roster.need(Role.LEARNER);
    if (plan.evaluation().isPresent()
        || plan.stages().stream().anyMatch(it -> it.tickets().isPresent())) {
      roster.need(Role.GENERATOR);
      roster.need(Role.REWARD);
    }
  }

  /** Takes note of which learners can be reached; one of them gets the orders. */
  Change learners(Set<ActorRef<Learner.Command>> present) {
    if (learner != null && present.contains(learner)) {
      return Change.NONE;
    }
    ActorRef<Learner.Command> before = learner;
    learner = present.stream().min(Comparator.comparing(it -> it.path().toString())).orElse(null);
    orders.to(learner);
    if (learner != null) {
      return Change.REPLACED;
    }
    return before == null ? Change.NONE : Change.LOST;
  }

  /** Whether the run can begin. */
  boolean isComplete() {
    return learner != null && roster.isComplete();
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

  /** Where the groups of the stage go. */
  void to(ActorRef<Experience.Command> next) {
    experience = next;
    granting.to(next);
    recalls.to(next);
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
  CompanyState state(Enum<?> phase, Optional<StageWork> work) {
    return rollCall.state(phase.name().toLowerCase(Locale.ROOT), work);
  }
}

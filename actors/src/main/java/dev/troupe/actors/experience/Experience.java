package dev.troupe.actors.experience;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.protocol.Assembly;
import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.HarvestPart;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.RewardPart;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.Unconfirmed;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.settings.Pacing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps the groups from the moment when they are decoded until the learner is done with them. It
 * has them scored by the rewards and references that are there, joins the parts by ticket, and
 * tells the supervisor when a group is complete. Sits beside the learner, so that groups need not
 * travel again.
 *
 * <p>Whatever it sends to another node it sends again until it is answered, and whatever it is sent
 * again counts once.
 */
public final class Experience extends AbstractBehavior<Experience.Command> {
  private static final Duration AGAIN = Duration.ofSeconds(2);

  /** What the experience understands. */
  public sealed interface Command
      permits GroupsDecoded,
          GroupRewarded,
          GroupReferenced,
          Unscored,
          GivenBack,
          Noted,
          Shown,
          RewardsListed,
          ReferencesListed,
          Recall,
          Recalled,
          Written,
          Release,
          Take,
          Forget,
          Know,
          Clear,
          Repeat {}

  /** Groups of one unit; who sends them is told when the unit is complete. */
  public record GroupsDecoded(HarvestPart part, ActorRef<Generator.Command> replyTo)
      implements Command, WireMessage {}

  /** The rewards of one group of a unit. */
  public record GroupRewarded(UnitId unit, RewardPart part) implements Command, WireMessage {}

  /** The reference log-probabilities of one group of a unit. */
  public record GroupReferenced(UnitId unit, ReferencePart part) implements Command, WireMessage {}

  /**
   * The frozen models could not score a unit.
   *
   * @param cause one sentence
   * @param remedy whether to try again
   */
  public record Unscored(UnitId unit, String cause, Remedy remedy)
      implements Command, WireMessage {}

  /** A reference actor was started again before it came to a unit. */
  public record GivenBack(UnitId unit) implements Command, WireMessage {}

  /** The supervisor knows that a group is complete. */
  public record Noted(TicketId ticket) implements Command, WireMessage {}

  /** The recorder has the completions of a group of an evaluation. */
  public record Shown(TicketId ticket) implements Command, WireMessage {}

  /** The reward actors that are there now. */
  public record RewardsListed(Set<ActorRef<Reward.Command>> present) implements Command {}

  /** The reference actors that are there now. */
  public record ReferencesListed(Set<ActorRef<Reference.Command>> present) implements Command {}

  /**
   * Asks which groups the ledger holds; they are complete from then on. Asking again is harmless.
   *
   * @param ask number that the answer carries
   * @param pacing which versions may have sampled them
   * @param tickets those wanted
   */
  public record Recall(
      long ask, Pacing pacing, List<Ticket> tickets, ActorRef<SupervisorCommand> replyTo)
      implements Command, WireMessage {
    /** Copies the list. */
    public Recall {
      tickets = List.copyOf(tickets);
    }
  }

  record Recalled(Recall question, List<FinishedGroup> groups, Throwable failure)
      implements Command {}

  /** A group is in the ledger, or could not be written there. */
  record Written(FinishedGroup group, Throwable failure) implements Command {}

  /** The ledger may forget the tickets of a phase below an ordinal. */
  public record Release(String phase, long before) implements Command, WireMessage {}

  /** Asks for complete groups; they stay until they are forgotten, so asking again is harmless. */
  public record Take(List<TicketId> tickets, ActorRef<TakeReply> replyTo) implements Command {
    /** Copies the list. */
    public Take {
      tickets = List.copyOf(tickets);
    }
  }

  /** Drops the tickets of a phase below an ordinal, and whatever may still come for them. */
  public record Forget(String phase, long before) implements Command {}

  /** The learner has put versions in force; groups of others are refused. */
  public record Know(VersionSet versions) implements Command {}

  /**
   * Drops everything: a stage begins, or begins again from its checkpoint.
   *
   * @param opening number of the order that opens it
   */
  public record Clear(long opening) implements Command {}

  record Repeat() implements Command {}

  /** Answer to {@link Take}. */
  public sealed interface TakeReply permits Taken, NotComplete {}

  /** The groups, in the order of the tickets. */
  public record Taken(List<ScoredGroup> groups) implements TakeReply {
    /** Copies the list. */
    public Taken {
      groups = List.copyOf(groups);
    }
  }

  /** Some of the tickets have no complete group here. */
  public record NotComplete(List<TicketId> missing) implements TakeReply {
    /** Copies the list. */
    public NotComplete {
      missing = List.copyOf(missing);
    }
  }

  private final ActorRef<SupervisorCommand> supervisor;
  private final ActorRef<Recorder.Command> recorder;
  private final GroupStore ledger;
  private final int mostAttempts;
  private final Assembly assembly = new Assembly();
  private final Scorers scorers;
  private final Inventory inventory = new Inventory();
  private final Unconfirmed<TicketId> shows = new Unconfirmed<>();
  private final Unconfirmed<TicketId> notes = new Unconfirmed<>();
  private long opening;

  /**
   * @param supervisor is told which groups are complete
   * @param recorder is shown the completions of evaluations
   * @param ledger keeps what is complete
   * @param mostAttempts how often the frozen models may fail to score a unit before the run stops
   */
  public static Behavior<Command> create(
      ActorRef<SupervisorCommand> supervisor,
      ActorRef<Recorder.Command> recorder,
      GroupStore ledger,
      int mostAttempts) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Experience(context, timers, supervisor, recorder, ledger, mostAttempts)));
  }

  private Experience(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ActorRef<SupervisorCommand> supervisor,
      ActorRef<Recorder.Command> recorder,
      GroupStore ledger,
      int mostAttempts) {
    super(context);
    this.supervisor = supervisor;
    this.recorder = recorder;
    this.ledger = ledger;
    this.mostAttempts = mostAttempts;
    this.scorers = new Scorers(context.getSelf());
    timers.startTimerWithFixedDelay(new Repeat(), AGAIN);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(GroupsDecoded.class, this::onGroupsDecoded)
        .onMessage(GroupRewarded.class, this::onGroupRewarded)
        .onMessage(GroupReferenced.class, this::onGroupReferenced)
        .onMessage(Unscored.class, this::onUnscored)
        .onMessage(GivenBack.class, this::onGivenBack)
        .onMessage(Noted.class, this::onNoted)
        .onMessage(Shown.class, this::onShown)
        .onMessage(RewardsListed.class, this::onRewardsListed)
        .onMessage(ReferencesListed.class, this::onReferencesListed)
        .onMessage(Recall.class, this::onRecall)
        .onMessage(Recalled.class, this::onRecalled)
        .onMessage(Written.class, this::onWritten)
        .onMessage(Release.class, this::onRelease)
        .onMessage(Take.class, this::onTake)
        .onMessage(Forget.class, this::onForget)
        .onMessage(Know.class, this::onKnow)
        .onMessage(Clear.class, this::onClear)
        .onMessage(Repeat.class, this::onRepeat)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  /** The experience of another node may go on with the groups that are in the ledger. */
  private Behavior<Command> onPostStop() {
    ledger.rest();
    return this;
  }

  private Behavior<Command> onGroupsDecoded(GroupsDecoded decoded) {
    assembly
        .add(decoded.part())
        .ifPresent(
            harvest -> {
              take(harvest);
              decoded.replyTo().tell(new Generator.Received(harvest.unit().id()));
            });
    return this;
  }

  private void take(Harvest harvest) {
    long share = harvest.nanos() / harvest.groups().size();
    boolean isNew = false;
    boolean isAgain = false;
    for (Group group : harvest.groups()) {
      TicketId ticket = group.ticket().id();
      if (inventory.isWanted(ticket) && isAdmitted(group, harvest.unit().pacing())) {
        Joining parts = inventory.parts(ticket);
        isAgain |= parts.isAgain(group);
        isNew |= parts.add(group, share);
        completeIfJoined(ticket);
      }
    }
    if (isAgain) {
      scorers.addAgain(harvest.unit().id());
    }
    if (isNew) {
      scorers.add(harvest);
    }
  }

  private Behavior<Command> onGroupRewarded(GroupRewarded rewarded) {
    TicketId ticket = rewarded.part().ticket();
    scorers.rewards.scored(rewarded.unit(), ticket);
    inventory.add(rewarded.part());
    completeIfJoined(ticket);
    return this;
  }

  private Behavior<Command> onGroupReferenced(GroupReferenced referenced) {
    TicketId ticket = referenced.part().ticket();
    scorers.references.scored(referenced.unit(), ticket);
    inventory.add(referenced.part());
    completeIfJoined(ticket);
    return this;
  }

  private Behavior<Command> onUnscored(Unscored unscored) {
    if (unscored.remedy() == Remedy.STOP) {
      supervisor.tell(new SupervisorCommand.RoleFailed("reference", unscored.cause(), Remedy.STOP));
      return this;
    }
    scorers
        .references
        .failed(unscored.unit())
        .ifPresent(
            attempts -> {
              boolean isOver = attempts >= mostAttempts;
              String sentence =
                  "The frozen models could not score work unit %s%s: %s"
                      .formatted(
                          unscored.unit(),
                          isOver ? " in " + attempts + " attempts" : ", which is tried again",
                          unscored.cause());
              supervisor.tell(
                  new SupervisorCommand.RoleFailed(
                      "reference", sentence, isOver ? Remedy.STOP : Remedy.REGRANT));
            });
    return this;
  }

  private Behavior<Command> onGivenBack(GivenBack back) {
    scorers.references.givenBack(back.unit());
    return this;
  }

  private boolean isAdmitted(Group group, Pacing pacing) {
    Optional<String> objection = inventory.objection(group, pacing);
    objection.ifPresent(
        sentence ->
            supervisor.tell(
                new SupervisorCommand.RoleFailed("experience", sentence, Remedy.REGRANT)));
    return objection.isEmpty();
  }

  private void completeIfJoined(TicketId id) {
    inventory.complete(id).ifPresent(this::keep);
  }

  private void keep(FinishedGroup group) {
    if (group.ticket().purpose() == Purpose.EVALUATION) {
      // The supervisor counts a group of an evaluation only when the recorder has its texts.
      shows.send(
          group.ticket().id(),
          () ->
              recorder.tell(new Recorder.CompletionTaken(group.scored(), getContext().getSelf())));
    } else {
      getContext().pipeToSelf(ledger.write(group), (done, failure) -> new Written(group, failure));
    }
  }

  /** What is in the ledger counts; a group that was dropped meanwhile is not missed. */
  private Behavior<Command> onWritten(Written written) {
    if (written.failure() != null) {
      return broken(written.failure());
    }
    if (inventory.find(written.group().ticket().id()) == written.group()) {
      note(written.group().facts());
    }
    return this;
  }

  private Behavior<Command> onRecall(Recall recall) {
    getContext()
        .pipeToSelf(
            ledger.recall(recall.tickets()),
            (groups, failure) -> new Recalled(recall, groups, failure));
    return this;
  }

  private Behavior<Command> onRecalled(Recalled recalled) {
    if (recalled.failure() != null) {
      return broken(recalled.failure());
    }
    Recall question = recalled.question();
    List<FinishedGroup> groups = inventory.recall(recalled.groups(), question.pacing());
    question
        .replyTo()
        .tell(
            new SupervisorCommand.GroupsRecalled(
                question.ask(), groups.stream().map(FinishedGroup::facts).toList()));
    return this;
  }

  private Behavior<Command> broken(Throwable failure) {
    getContext().getLog().error("the ledger failed", failure);
    supervisor.tell(
        new SupervisorCommand.RoleFailed(
            "experience", Failure.sentence(Failure.unwrapped(failure)), Remedy.STOP));
    return this;
  }

  private Behavior<Command> onRelease(Release release) {
    ledger.release(release.phase(), release.before());
    return this;
  }

  private Behavior<Command> onShown(Shown shown) {
    FinishedGroup group = inventory.find(shown.ticket());
    if (shows.confirm(shown.ticket()) && group != null) {
      note(group.facts());
    }
    return this;
  }

  private void note(GroupFacts facts) {
    notes.send(
        facts.ticket(),
        () ->
            supervisor.tell(
                new SupervisorCommand.GroupReady(facts, opening, getContext().getSelf())));
  }

  private Behavior<Command> onNoted(Noted noted) {
    notes.confirm(noted.ticket());
    return this;
  }

  private Behavior<Command> onRewardsListed(RewardsListed listed) {
    scorers.rewards.listed(listed.present());
    return this;
  }

  private Behavior<Command> onReferencesListed(ReferencesListed listed) {
    scorers.references.listed(listed.present());
    return this;
  }

  private Behavior<Command> onTake(Take take) {
    var groups = new ArrayList<ScoredGroup>(take.tickets().size());
    var missing = new ArrayList<TicketId>();
    for (TicketId ticket : take.tickets()) {
      FinishedGroup group = inventory.find(ticket);
      if (group == null) {
        missing.add(ticket);
      } else {
        groups.add(group.scored());
      }
    }
    take.replyTo().tell(missing.isEmpty() ? new Taken(groups) : new NotComplete(missing));
    return this;
  }

  private Behavior<Command> onForget(Forget forget) {
    inventory.forget(forget.phase(), forget.before());
    return this;
  }

  private Behavior<Command> onKnow(Know know) {
    inventory.know(know.versions());
    return this;
  }

  private Behavior<Command> onClear(Clear clear) {
    opening = clear.opening();
    assembly.clear();
    scorers.clear();
    inventory.clear();
    shows.clear();
    notes.clear();
    return this;
  }

  private Behavior<Command> onRepeat(Repeat repeat) {
    shows.repeat();
    notes.repeat();
    scorers.repeat();
    return this;
  }
}

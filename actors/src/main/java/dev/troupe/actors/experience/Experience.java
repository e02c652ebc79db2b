package dev.troupe.actors.experience;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.RewardPart;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.supervisor.SupervisorCommand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Joins the parts of a group by ticket, tells the supervisor when a group is complete, and keeps it
 * until the learner takes it. Sits beside the learner, so groups need not travel again.
 */
public final class Experience extends AbstractBehavior<Experience.Command> {

  /** What the experience understands. */
  public sealed interface Command
      permits GroupsDecoded, GroupRewarded, GroupReferenced, Take, Forget, Clear {}

  /** The groups of one unit. */
  public record GroupsDecoded(Harvest harvest) implements Command {}

  /** The rewards of one group. */
  public record GroupRewarded(RewardPart part) implements Command {}

  /** The reference log-probabilities of the groups of one unit. */
  public record GroupReferenced(List<ReferencePart> parts) implements Command {
    /** Copies the list. */
    public GroupReferenced {
      parts = List.copyOf(parts);
    }
  }

  /** Asks for complete groups; they stay until they are forgotten, so asking again is harmless. */
  public record Take(List<TicketId> tickets, ActorRef<TakeReply> replyTo) implements Command {
    /** Copies the list. */
    public Take {
      tickets = List.copyOf(tickets);
    }
  }

  /** Drops the tickets of a phase below an ordinal, and whatever may still come for them. */
  public record Forget(String phase, long before) implements Command {}

  /** Drops everything: a stage begins, or begins again from its checkpoint. */
  public record Clear() implements Command {}

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
  private final Map<TicketId, Joining> joining = new HashMap<>();
  private final Map<TicketId, ScoredGroup> complete = new HashMap<>();
  private final Map<String, Long> forgottenBefore = new HashMap<>();

  /**
   * @param supervisor is told which groups are complete
   * @param recorder is shown the completions of evaluations
   */
  public static Behavior<Command> create(
      ActorRef<SupervisorCommand> supervisor, ActorRef<Recorder.Command> recorder) {
    return Behaviors.setup(context -> new Experience(context, supervisor, recorder));
  }

  private Experience(
      ActorContext<Command> context,
      ActorRef<SupervisorCommand> supervisor,
      ActorRef<Recorder.Command> recorder) {
    super(context);
    this.supervisor = supervisor;
    this.recorder = recorder;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(GroupsDecoded.class, this::onGroupsDecoded)
        .onMessage(GroupRewarded.class, this::onGroupRewarded)
        .onMessage(GroupReferenced.class, this::onGroupReferenced)
        .onMessage(Take.class, this::onTake)
        .onMessage(Forget.class, this::onForget)
        .onMessage(Clear.class, this::onClear)
        .build();
  }

  private Behavior<Command> onGroupsDecoded(GroupsDecoded decoded) {
    Harvest harvest = decoded.harvest();
    long share = harvest.nanos() / harvest.groups().size();
    for (Group group : harvest.groups()) {
      TicketId ticket = group.ticket().id();
      if (isWanted(ticket)) {
        joining.computeIfAbsent(ticket, id -> new Joining()).add(group, share);
        completeIfJoined(ticket);
      }
    }
    return this;
  }

  private Behavior<Command> onGroupRewarded(GroupRewarded rewarded) {
    TicketId ticket = rewarded.part().ticket();
    if (isWanted(ticket)) {
      joining.computeIfAbsent(ticket, id -> new Joining()).add(rewarded.part());
      completeIfJoined(ticket);
    }
    return this;
  }

  private Behavior<Command> onGroupReferenced(GroupReferenced referenced) {
    for (ReferencePart part : referenced.parts()) {
      if (isWanted(part.ticket())) {
        joining.computeIfAbsent(part.ticket(), id -> new Joining()).add(part);
        completeIfJoined(part.ticket());
      }
    }
    return this;
  }

  private boolean isWanted(TicketId ticket) {
    return !complete.containsKey(ticket)
        && ticket.ordinal() >= forgottenBefore.getOrDefault(ticket.phase(), 0L);
  }

  private void completeIfJoined(TicketId ticket) {
    Joining parts = joining.get(ticket);
    if (!parts.isComplete()) {
      return;
    }
    joining.remove(ticket);
    ScoredGroup scored = parts.scored();
    complete.put(ticket, scored);
    if (scored.ticket().purpose() == Purpose.EVALUATION) {
      recorder.tell(new Recorder.CompletionTaken(scored));
    }
    supervisor.tell(new SupervisorCommand.GroupReady(parts.facts()));
  }

  private Behavior<Command> onTake(Take take) {
    var groups = new ArrayList<ScoredGroup>(take.tickets().size());
    var missing = new ArrayList<TicketId>();
    for (TicketId ticket : take.tickets()) {
      ScoredGroup group = complete.get(ticket);
      if (group == null) {
        missing.add(ticket);
      } else {
        groups.add(group);
      }
    }
    take.replyTo().tell(missing.isEmpty() ? new Taken(groups) : new NotComplete(missing));
    return this;
  }

  private Behavior<Command> onForget(Forget forget) {
    forgottenBefore.merge(forget.phase(), forget.before(), Math::max);
    joining.keySet().removeIf(ticket -> !isWanted(ticket));
    complete
        .keySet()
        .removeIf(
            ticket -> ticket.phase().equals(forget.phase()) && ticket.ordinal() < forget.before());
    return this;
  }

  private Behavior<Command> onClear(Clear clear) {
    joining.clear();
    complete.clear();
    forgottenBefore.clear();
    return this;
  }
}

package dev.troupe.actors.experience;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * Who scores which unit: each unit goes to the member with the least to do, members have a bounded
 * number of units, and what a member had when it left goes to another at once. Plain state of the
 * experience, once for the rewards and once for the references.
 *
 * @param <C> protocol of the members
 */
final class Scoring<C> {
  /** Rounds of {@link #repeat} after which a unit that is not scored yet is sent again. */
  private static final int PATIENCE = 5;

  private final class Task {
    final Harvest harvest;
    final Set<TicketId> missing = new HashSet<>();
    ActorRef<C> holder;
    int attempts;
    int rounds;

    Task(Harvest harvest) {
      this.harvest = harvest;
      harvest.unit().tickets().stream().map(Ticket::id).forEach(missing::add);
    }
  }

  private final int mostEach;
  private final BiConsumer<ActorRef<C>, Harvest> send;
  private final Map<UnitId, Task> open = new LinkedHashMap<>();
  private final Set<ActorRef<C>> members =
      new TreeSet<>(
          Comparator.comparing((ActorRef<C> member) -> member.path().toString())
              .thenComparing(member -> member.path().uid()));

  /**
   * @param mostEach units that one member may have at a time, so that who joins later gets some
   * @param send sends a unit to a member
   */
  Scoring(int mostEach, BiConsumer<ActorRef<C>, Harvest> send) {
    this.mostEach = mostEach;
    this.send = send;
  }

  /** Takes note of who is there; what others had is given to those. */
  void listed(Set<ActorRef<C>> present) {
    members.clear();
    members.addAll(present);
    for (Task task : open.values()) {
      if (task.holder != null && !members.contains(task.holder)) {
        task.holder = null;
      }
    }
    assign();
  }

  /** Has a unit scored, once, however often it is given. */
  void add(Harvest harvest) {
    open.computeIfAbsent(harvest.unit().id(), id -> new Task(harvest));
    assign();
  }

  /**
   * Has a unit that was given before scored by somebody else: its time was over. Nothing changes
   * where there is nobody else, or where it is scored by now.
   */
  void addAgain(UnitId unit) {
    Task task = open.get(unit);
    if (task != null) {
      members.stream()
          .filter(member -> !member.equals(task.holder))
          .min(Comparator.comparingLong(this::load))
          .ifPresent(member -> send(task, member));
    }
  }

  private void send(Task task, ActorRef<C> member) {
    task.holder = member;
    task.rounds = 0;
    send.accept(member, task.harvest);
  }

  /** Notes that a group was scored. */
  void scored(UnitId unit, TicketId ticket) {
    Task task = open.get(unit);
    if (task != null && task.missing.remove(ticket) && task.missing.isEmpty()) {
      open.remove(unit);
      assign();
    }
  }

  /**
   * Has a unit scored again after its member failed.
   *
   * @return how often it was tried; empty if nobody waits for it
   */
  Optional<Integer> failed(UnitId unit) {
    Task task = open.get(unit);
    if (task == null) {
      return Optional.empty();
    }
    task.attempts++;
    task.holder = null;
    assign();
    return Optional.of(task.attempts);
  }

  /** Has a unit scored by somebody else, who may be the same. */
  void givenBack(UnitId unit) {
    Task task = open.get(unit);
    if (task != null) {
      task.holder = null;
      assign();
    }
  }

  /** Sends again what is not scored for long; who is still at it ignores that. */
  void repeat() {
    for (Task task : open.values()) {
      if (task.holder != null && ++task.rounds >= PATIENCE) {
        task.rounds = 0;
        send.accept(task.holder, task.harvest);
      }
    }
  }

  void clear() {
    open.clear();
  }

  private void assign() {
    if (members.isEmpty()) {
      return;
    }
    for (Task task : open.values()) {
      if (task.holder == null) {
        Optional<ActorRef<C>> free = freest();
        if (free.isEmpty()) {
          return;
        }
        send(task, free.get());
      }
    }
  }

  private Optional<ActorRef<C>> freest() {
    return members.stream()
        .filter(member -> load(member) < mostEach)
        .min(Comparator.comparingLong(this::load));
  }

  private long load(ActorRef<C> member) {
    return open.values().stream().filter(task -> member.equals(task.holder)).count();
  }
}

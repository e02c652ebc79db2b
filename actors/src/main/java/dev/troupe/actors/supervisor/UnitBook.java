package dev.troupe.actors.supervisor;

import dev.troupe.actors.fence.Fence;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who works on which unit and which groups have come in. Plain state of the supervisor, no actor.
 *
 * <p>A unit waits until a generator that holds exactly its policy version takes it, and is closed
 * when all its groups are complete. Facts are kept by ticket, so that a group which arrives twice,
 * or from a generator that was given up, counts once.
 */
final class UnitBook {
  private static final class Entry {
    final WorkUnit unit;

    /** Of the unit in the order of planning. */
    final long place;

    int missing;
    int grants;
    int departures;
    String holder;
    boolean isDecoded;

    Entry(WorkUnit unit, long place) {
      this.unit = unit;
      this.place = place;
      this.missing = unit.tickets().size();
    }
  }

  /** What a free generator is to do. */
  sealed interface Offer {
    /** A unit of the version that it has proved. */
    record Work(WorkUnit unit) implements Offer {}

    /** To take up a version that work waits for. */
    record TakeUp(PolicyVersion version) implements Offer {}

    /** To wait. */
    record Nothing() implements Offer {}
  }

  private final Fence fence;
  private final Map<UnitId, Entry> open = new LinkedHashMap<>();
  private final Map<TicketId, Entry> expected = new HashMap<>();
  private final Map<TicketId, GroupFacts> complete = new HashMap<>();
  private final WaitingUnits waiting = new WaitingUnits();
  private final Map<String, Set<UnitId>> undecoded = new HashMap<>();
  private final int mostDepartures;
  private long places;
  private int granted;

  /**
   * @param mostDepartures how often the generator of a unit may be lost
   */
  UnitBook(int mostDepartures) {
    this(Fence.STRICT, mostDepartures);
  }

  UnitBook(Fence fence, int mostDepartures) {
    this.fence = fence;
    this.mostDepartures = mostDepartures;
  }

  void plan(List<WorkUnit> units) {
    hold(units);
    free(units);
  }

  /** Plans units that nobody gets before they are freed. */
  void hold(List<WorkUnit> units) {
    for (WorkUnit unit : units) {
      var entry = new Entry(unit, places++);
      open.put(unit.id(), entry);
      for (Ticket ticket : unit.tickets()) {
        expected.put(ticket.id(), entry);
      }
    }
  }

  /**
   * Hands the first waiting unit of the version that a generator has proved to it, or says which
   * version it should take up.
   *
   * @param held what it has proved; null for nothing
   * @param coming how many generators are taking up a version, each to have one of its units
   */
  Offer offer(String generator, PolicyVersion held, Map<PolicyVersion, Integer> coming) {
    Optional<WorkUnit> unit = grant(generator, held);
    if (unit.isPresent()) {
      return new Offer.Work(unit.get());
    }
    return waiting.wanted(coming).<Offer>map(Offer.TakeUp::new).orElseGet(Offer.Nothing::new);
  }

  /** Lets units that were held wait for generators. */
  void free(List<WorkUnit> units) {
    for (WorkUnit unit : units) {
      Entry entry = open.get(unit.id());
      if (entry != null) {
        queue(entry);
      }
    }
  }

  /** Hands the first waiting unit of the version that a generator has proved to it. */
  Optional<WorkUnit> grant(String generator, PolicyVersion held) {
    return waiting
        .first(version -> fence.isProof(version, held))
        .map(
            unit -> {
              Entry entry = open.get(unit);
              leave(entry);
              entry.holder = generator;
              entry.grants++;
              entry.isDecoded = false;
              granted++;
              undecoded.computeIfAbsent(generator, it -> new LinkedHashSet<>()).add(unit);
              return entry.unit;
            });
  }

  private void queue(Entry entry) {
    waiting.add(entry.unit.policy(), entry.place, entry.unit.id());
  }

  private void leave(Entry entry) {
    waiting.remove(entry.unit.policy(), entry.place);
  }

  /** Whether a unit waits for somebody. */
  boolean isAnyWaiting() {
    return !waiting.isEmpty();
  }

  /**
   * Notes a complete group.
   *
   * @return the unit that this closed, if it was the last one missing; empty also for a group that
   *     is not expected or came before
   */
  Optional<UnitId> complete(GroupFacts facts) {
    Entry entry = expected.get(facts.ticket());
    if (entry == null || !fence.counts(facts.ticket(), complete.keySet())) {
      return Optional.empty();
    }
    complete.put(facts.ticket(), facts);
    entry.missing--;
    if (entry.missing > 0) {
      return Optional.empty();
    }
    open.remove(entry.unit.id());
    takeBack(entry);
    leave(entry); // What was given up may come all the same.
    return Optional.of(entry.unit.id());
  }

  boolean isComplete(TicketId ticket) {
    return complete.containsKey(ticket);
  }

  boolean areComplete(List<TicketId> tickets) {
    return complete.keySet().containsAll(tickets);
  }

  /** The facts of groups that are complete. */
  List<GroupFacts> facts(List<TicketId> tickets) {
    return tickets.stream().map(complete::get).toList();
  }

  /** Takes the facts of a step out of the book. */
  List<GroupFacts> take(List<TicketId> tickets) {
    var facts = new ArrayList<GroupFacts>(tickets.size());
    for (TicketId ticket : tickets) {
      expected.remove(ticket);
      facts.add(complete.remove(ticket));
    }
    return facts;
  }

  /** Lets a granted unit wait for another generator. */
  void release(UnitId unit) {
    Entry entry = open.get(unit);
    if (entry != null) {
      takeBack(entry);
      queue(entry);
    }
  }

  private void takeBack(Entry entry) {
    if (entry.holder != null) {
      granted--;
      noLongerDecoding(entry);
      entry.holder = null;
    }
  }

  private void noLongerDecoding(Entry entry) {
    Set<UnitId> units = undecoded.get(entry.holder);
    if (units != null && units.remove(entry.unit.id()) && units.isEmpty()) {
      undecoded.remove(entry.holder);
    }
  }

  /** Lets a unit wait for a generator again that was decoded in vain, by no fault of its own. */
  void strand(UnitId unit) {
    Entry entry = open.get(unit);
    if (entry != null) {
      release(unit);
      entry.grants--;
    }
  }

  /**
   * Lets a unit wait for another generator because its own is gone.
   *
   * @return whether it may be granted again; not after it was lost that way too often
   */
  boolean depart(UnitId unit) {
    Entry entry = open.get(unit);
    release(unit);
    entry.grants--; // That somebody left is hardly the unit's fault.
    entry.departures++;
    return entry.departures < mostDepartures;
  }

  /**
   * How often a unit was granted to generators that did not leave, 0 when it is closed or unknown.
   */
  int grants(UnitId unit) {
    Entry entry = open.get(unit);
    return entry == null ? 0 : entry.grants;
  }

  /**
   * Notes that a generator has sent the groups of a unit on. Of a unit that somebody else has by
   * now it says nothing.
   *
   * @param unit null for none
   */
  void decoded(UnitId unit, String generator) {
    Entry entry = open.get(unit);
    if (entry != null && generator.equals(entry.holder)) {
      entry.isDecoded = true;
      noLongerDecoding(entry);
    }
  }

  /** The units that a generator was given and has not decoded. */
  List<UnitId> undecodedBy(String generator) {
    return List.copyOf(undecoded.getOrDefault(generator, Set.of()));
  }

  /** Units that were decoded and lack rewards or reference parts. */
  int decodedUnits() {
    return (int)
        open.values().stream().filter(entry -> entry.holder != null && entry.isDecoded).count();
  }

  /** Units with groups to come. */
  int openUnits() {
    return open.size();
  }

  /** Groups that nobody has taken out yet. */
  int completeGroups() {
    return complete.size();
  }

  boolean isAnyGranted() {
    return granted > 0;
  }

  /** The generator that has a unit, if it is granted. */
  Optional<String> holder(UnitId unit) {
    return Optional.ofNullable(open.get(unit)).map(entry -> entry.holder);
  }

  void clear() {
    open.clear();
    expected.clear();
    complete.clear();
    waiting.clear();
    undecoded.clear();
    granted = 0;
  }
}

package dev.troupe.runtime.transport;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A parcel that is on its way here: what came, from whom, and what is to be tried next. */
final class Landing {
  /** What it waits for. */
  enum Phase {
    /** The next holder's turn. */
    SEEKING,
    /** A session. */
    GREETING,
    /** Chunks. */
    TAKING
  }

  private static final double MIB = 1 << 20;

  private final ParcelId id;
  private final RangeSet have = new RangeSet();
  private final Set<Long> tokens = new HashSet<>();
  private final Deque<Place> holders = new ArrayDeque<>();
  private final Map<Place, String> notes = new LinkedHashMap<>();
  private final Set<Place> without = new HashSet<>();
  private OffHeap memory;
  private long length = -1;
  private CompletableFuture<Landed> claim;
  private Duration patience;
  private long deadlineNs;

  Phase phase = Phase.SEEKING;
  Session source;
  long castToken;
  long progressNs;
  long notBeforeNs;
  long bytesAtAsk = -1;
  long reportedNs;
  boolean isAnswered;
  int fruitless;

  Landing(ParcelId id, long nowNs) {
    this.id = id;
    this.progressNs = nowNs;
    this.reportedNs = nowNs;
    this.notBeforeNs = nowNs;
  }

  ParcelId id() {
    return id;
  }

  RangeSet have() {
    return have;
  }

  Set<Long> tokens() {
    return tokens;
  }

  /** Makes room unless there is some; false if another length was said before. */
  boolean expect(long bytes, OffHeap.Pool pool) {
    if (length < 0) {
      memory = pool.take(bytes);
      length = bytes;
    }
    return length == bytes;
  }

  boolean hasRoom(long offset, int count) {
    return memory != null && offset >= 0 && count > 0 && offset <= length - count;
  }

  Segments memory() {
    return memory.segments();
  }

  boolean isComplete() {
    return length >= 0 && have.size() == length;
  }

  /** What to ask for; everything while the length is unknown. */
  List<RangeSet.Range> missing() {
    return have.missing(length < 0 ? Long.MAX_VALUE : length, ControlMessage.MOST_RANGES);
  }

  /** Someone waits for it from now on. */
  void claim(CompletableFuture<Landed> by, Collection<Place> from, Duration within, long nowNs) {
    claim = by;
    patience = within;
    deadlineNs = nowNs + within.toNanos();
    for (Place place : from) {
      if (!holders.contains(place)) {
        holders.add(place);
      }
    }
  }

  boolean isClaimed() {
    return claim != null;
  }

  boolean isOverdue(long nowNs) {
    return claim != null && nowNs - deadlineNs > 0;
  }

  /** The holder whose turn it is; it goes to the end of the line. */
  Place nextHolder() {
    Place next = holders.poll();
    if (next != null) {
      holders.add(next);
    }
    return next;
  }

  /** Whether every holder was tried since the last pause. */
  boolean isRoundOver(Place last) {
    return holders.peekLast() != null && notes.size() >= holders.size() && last != null;
  }

  void note(Place holder, String why) {
    notes.put(holder, why);
  }

  void noteWithout(Place holder) {
    without.add(holder);
    notes.put(holder, "it does not hold it");
  }

  boolean isHeldNowhere() {
    return without.containsAll(holders);
  }

  /** Hands the memory over. */
  Landed landed() {
    var landed = new Landed(id, memory);
    memory = null;
    return landed;
  }

  void deliver() {
    Landed landed = landed();
    if (!claim.complete(landed)) {
      landed.close();
    }
  }

  /** Gives the reason to whoever waits, and frees the memory. */
  void fail(String why) {
    if (claim != null) {
      claim.completeExceptionally(new TransportException(id + " did not arrive: " + why));
    }
    free();
  }

  void free() {
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }

  /** What became of it in time, for the message of a missed deadline. */
  String story() {
    String came =
        length < 0 ? "nothing" : "%.1f of %.1f MiB".formatted(have.size() / MIB, length / MIB);
    return "%s came within %.1f s (%s); it will be asked for again when it is needed"
        .formatted(came, patience.toMillis() / 1e3, reasons());
  }

  String reasons() {
    if (notes.isEmpty()) {
      return holders.isEmpty() ? "no node is known to hold it" : "asked " + holders;
    }
    var reasons = new StringBuilder();
    notes.forEach(
        (place, why) ->
            reasons.append(reasons.isEmpty() ? "" : "; ").append(place).append(": ").append(why));
    return reasons.toString();
  }
}

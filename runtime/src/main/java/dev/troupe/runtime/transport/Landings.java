package dev.troupe.runtime.transport;

import dev.troupe.runtime.transport.ControlMessage.Announce;
import dev.troupe.runtime.transport.ControlMessage.Answer;
import dev.troupe.runtime.transport.ControlMessage.Done;
import dev.troupe.runtime.transport.ControlMessage.Progress;
import dev.troupe.runtime.transport.ControlMessage.Want;
import dev.troupe.runtime.transport.Landing.Phase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.agrona.DirectBuffer;

/**
 * What is on its way here. Chunks are written where they belong whatever order they come in and
 * whoever sends them; what is missing at an end or after a silence is asked for again, of the same
 * holder or of the next one.
 */
final class Landings {
  /** Requests without a single new byte before the next holder has its turn. */
  private static final int MOST_FRUITLESS = 5;

  private static final long PAUSE_NS = 100_000_000;
  private static final long REPORT_NS = 50_000_000;
  private static final int REMEMBERED_TOKENS = 1024;

  /** Casts of one cargo that are kept although nobody asked for them yet. */
  private static final int MOST_UNCLAIMED = 2;

  private final Sessions sessions;
  private final Tally tally;
  private final long stallNs;
  private final OffHeap.Pool memory = new OffHeap.Pool();
  private final Map<Long, Landing> byToken = new HashMap<>();
  private final List<Landing> landings = new ArrayList<>();
  private final Deque<Long> endedOrder = new ArrayDeque<>();
  private final Set<Long> ended = new HashSet<>();
  private final Map<Cargo, ParcelId> newestCast = new EnumMap<>(Cargo.class);

  Landings(Sessions sessions, Tally tally, long stallNs) {
    this.sessions = sessions;
    this.tally = tally;
    this.stallNs = stallNs;
  }

  /** Begins to fetch a parcel, or goes on with what a cast brought of it. */
  void fetch(
      ParcelId id,
      Collection<Place> holders,
      Duration within,
      CompletableFuture<Landed> claim,
      long nowNs) {
    for (Landing landing : landings) {
      if (landing.id().equals(id) && !landing.isClaimed()) {
        landing.claim(claim, holders, within, nowNs);
        return;
      }
    }
    var landing = new Landing(id, nowNs);
    landing.claim(claim, holders, within, nowNs);
    landings.add(landing);
  }

  /**
   * Prepares for a cast.
   *
   * @return whether it is wanted: not if a newer one of its stream was announced before
   */
  boolean onAnnounce(Session source, Announce announce, long nowNs) {
    ParcelId id = announce.id();
    ParcelId newest = newestCast.get(id.cargo());
    if (newest != null && newest.isNewerThan(id)) {
      tally.add(PlaneCount.REPLAYED);
      return false;
    }
    newestCast.put(id.cargo(), id);
    Landing landing = null;
    for (Landing known : landings) {
      if (known.id().equals(id)) {
        landing = known;
      }
    }
    if (landing == null) {
      discardUnclaimed(id.cargo());
      landing = new Landing(id, nowNs);
      landings.add(landing);
    }
    boolean isBeingTaken = landing.phase == Phase.TAKING && landing.castToken == 0;
    if (isBeingTaken || landing.isComplete() || !landing.expect(announce.length(), memory)) {
      return false;
    }
    landing.source = source;
    landing.castToken = announce.token();
    landing.phase = Phase.TAKING;
    landing.progressNs = nowNs;
    admit(landing, announce.token());
    return true;
  }

  /** Newest wins: of what nobody asked for, only a few whole ones are kept. */
  private void discardUnclaimed(Cargo cargo) {
    int whole = 0;
    for (int i = landings.size() - 1; i >= 0; i--) {
      Landing landing = landings.get(i);
      if (landing.id().cargo() == cargo && !landing.isClaimed()) {
        boolean isKept = landing.isComplete() && ++whole < MOST_UNCLAIMED;
        if (!isKept) {
          landing.free();
          forget(landing);
        }
      }
    }
  }

  private void admit(Landing landing, long token) {
    landing.tokens().add(token);
    byToken.put(token, landing);
  }

  private void forget(Landing landing) {
    landings.remove(landing);
    for (long token : landing.tokens()) {
      byToken.remove(token);
      ended.add(token);
      endedOrder.add(token);
      if (endedOrder.size() > REMEMBERED_TOKENS) {
        ended.remove(endedOrder.poll());
      }
    }
  }

  /** Takes a chunk as it lies in an inbox. */
  void onChunk(DirectBuffer buffer, int at, int bytes, long nowNs) {
    if (bytes < Chunk.HEADER || Chunk.length(buffer, at) != bytes - Chunk.HEADER) {
      tally.add(PlaneCount.TRUNCATED);
      return;
    }
    long token = Chunk.token(buffer, at);
    Landing landing = byToken.get(token);
    if (landing == null) {
      tally.add(ended.contains(token) ? PlaneCount.REPLAYED : PlaneCount.FOREIGN);
      return;
    }
    int length = bytes - Chunk.HEADER;
    if (!Chunk.isIntact(buffer, at, length)) {
      tally.add(PlaneCount.CORRUPT);
    } else if (!Chunk.isOf(buffer, at, landing.id())) {
      tally.add(PlaneCount.FOREIGN);
    } else if (Chunk.isEnd(buffer, at)) {
      onEnd(landing, nowNs);
    } else {
      write(landing, buffer, at + Chunk.HEADER, Chunk.offset(buffer, at), length, nowNs);
    }
  }

  private void write(
      Landing landing, DirectBuffer buffer, int at, long offset, int length, long nowNs) {
    if (!landing.hasRoom(offset, length)) {
      tally.add(PlaneCount.FOREIGN);
      return;
    }
    landing.progressNs = nowNs;
    if (landing.have().contains(offset, offset + length)) {
      tally.add(PlaneCount.DUPLICATES);
      return;
    }
    landing.memory().write(offset, buffer, at, length);
    landing.have().add(offset, offset + length);
    tally.add(PlaneCount.CHUNKS_TAKEN);
    tally.add(PlaneCount.BYTES_TAKEN, length);
  }

  private void onEnd(Landing landing, long nowNs) {
    if (!landing.isComplete() && landing.source != null && landing.source.isOpen()) {
      landing.fruitless = landing.have().size() == landing.bytesAtAsk ? landing.fruitless + 1 : 0;
      if (landing.fruitless > MOST_FRUITLESS) {
        leave(landing, "what it sends does not arrive intact", nowNs);
      } else {
        tally.add(PlaneCount.REPAIRS);
        ask(landing, nowNs);
      }
    }
  }

  private void ask(Landing landing, long nowNs) {
    long token = sessions.token();
    admit(landing, token);
    landing.castToken = 0;
    landing.bytesAtAsk = landing.have().size();
    landing.isAnswered = false;
    landing.phase = Phase.TAKING;
    landing.progressNs = nowNs;
    landing.source.send(new Want(landing.id(), token, landing.missing()));
  }

  void onAnswer(Session from, Answer answer, long nowNs) {
    Landing landing = byToken.get(answer.token());
    if (landing == null || landing.source != from) {
      return;
    }
    landing.progressNs = nowNs;
    landing.isAnswered = true;
    if (answer.length() == Answer.NOT_YET) {
      return;
    }
    if (answer.length() < 0) {
      landing.noteWithout(from.place());
      leave(landing, null, nowNs);
      return;
    }
    try {
      if (!landing.expect(answer.length(), memory)) {
        leave(landing, "it holds another number of bytes under that name", nowNs);
      }
    } catch (OutOfMemoryError e) {
      landing.fail(
          "there is no memory for its %d bytes here; free some or use a larger machine"
              .formatted(answer.length()));
      forget(landing);
    }
  }

  /** Turns to the next holder. */
  private void leave(Landing landing, String why, long nowNs) {
    if (why != null) {
      landing.note(landing.source.place(), why);
    }
    boolean isRoundOver = landing.isRoundOver(landing.source.place());
    landing.source = null;
    landing.castToken = 0;
    landing.phase = Phase.SEEKING;
    landing.notBeforeNs = isRoundOver ? nowNs + PAUSE_NS : nowNs;
  }

  /** Moves every landing on. */
  int step(long nowNs) {
    int work = 0;
    for (int i = landings.size() - 1; i >= 0; i--) {
      work += step(landings.get(i), nowNs);
    }
    return work;
  }

  private int step(Landing landing, long nowNs) {
    if (landing.isComplete()) {
      return complete(landing);
    }
    if (landing.isOverdue(nowNs)) {
      landing.fail(landing.story());
      forget(landing);
      return 1;
    }
    switch (landing.phase) {
      case SEEKING -> seek(landing, nowNs);
      case GREETING -> greet(landing, nowNs);
      case TAKING -> watch(landing, nowNs);
    }
    return 0;
  }

  private int complete(Landing landing) {
    if (landing.source != null) {
      if (landing.source.isOpen() && !landing.tokens().isEmpty()) {
        landing.tokens().forEach(token -> landing.source.send(new Done(token)));
      }
      landing.source = null;
    }
    if (!landing.isClaimed()) {
      return 0;
    }
    landing.deliver();
    forget(landing);
    return 1;
  }

  private void seek(Landing landing, long nowNs) {
    if (nowNs - landing.notBeforeNs < 0) {
      return;
    }
    if (!landing.isClaimed()) {
      landing.free();
      forget(landing);
      return;
    }
    if (landing.isHeldNowhere()) {
      landing.fail("%s; ask for a version that is in force".formatted(landing.reasons()));
      forget(landing);
      return;
    }
    Place holder = landing.nextHolder();
    try {
      landing.source = sessions.to(holder, nowNs);
      landing.phase = Phase.GREETING;
    } catch (RuntimeException e) {
      landing.note(holder, String.valueOf(e.getMessage()));
      landing.notBeforeNs = nowNs + PAUSE_NS;
    }
  }

  private void greet(Landing landing, long nowNs) {
    if (landing.source.isOpen()) {
      ask(landing, nowNs);
    } else if (landing.source.state() == Session.State.BROKEN) {
      leave(landing, landing.source.reason(), nowNs);
    }
  }

  private void watch(Landing landing, long nowNs) {
    if (landing.castToken != 0 && nowNs - landing.reportedNs > REPORT_NS) {
      landing.reportedNs = nowNs;
      landing.source.send(new Progress(landing.castToken, landing.have().size()));
    }
    if (landing.source.state() == Session.State.BROKEN) {
      leave(landing, landing.source.reason(), nowNs);
    } else if (nowNs - landing.progressNs > stallNs) {
      if (landing.castToken != 0 && landing.source.isOpen()) {
        // Left behind by a cast: the caster still gives each one what it asks for.
        tally.add(PlaneCount.REPAIRS);
        ask(landing, nowNs);
      } else if (landing.isAnswered) {
        leave(landing, "it fell silent in the middle", nowNs);
      } else {
        // Every request is answered at once: the other side has forgotten the session.
        landing.source.breakUp("it did not answer a request");
        leave(landing, landing.source.reason(), nowNs);
      }
    }
  }

  void close(String why) {
    for (Landing landing : List.copyOf(landings)) {
      landing.fail(why);
      forget(landing);
    }
    memory.close();
  }
}

package dev.troupe.runtime.transport;

import dev.troupe.runtime.transport.Cast.Standing;
import dev.troupe.runtime.transport.ControlMessage.Announce;
import dev.troupe.runtime.transport.ControlMessage.Follow;
import dev.troupe.runtime.transport.ControlMessage.Progress;
import dev.troupe.runtime.transport.ControlMessage.Ready;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends parcels to all followers at once, one cast at a time.
 *
 * <p>A receiver that dies is taken out of flow control by Aeron after a second. One that lives and
 * does not read is found by what it reported last, and the cast goes on without it; it catches up
 * by asking. Neighbours have a stream of their own in shared memory, on which the media driver
 * itself leaves slow readers behind.
 */
final class Casting {
  /** Streams of casts to neighbours lie above all inboxes, which are numbered like UDP ports. */
  private static final int LOCAL_STREAMS = 1 << 16;

  private static final int STREAMS_PER_NODE = 1 << 12;
  private static final long INVITATION_NS = 1_000_000_000;

  /** More than the second after which Aeron itself no longer waits for a dead receiver. */
  private static final long STALL_NS = 1_500_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(Casting.class);

  private enum Phase {
    INVITING,
    ASSEMBLING,
    SENDING,
    WAITING
  }

  private final Sessions sessions;
  private final Tally tally;
  private final PlaneSettings settings;
  private final Set<Session> followers = new HashSet<>();
  private final Deque<Cast> queue = new ArrayDeque<>();
  private final CastRoute remote;
  private final CastRoute local;
  private Cast current;
  private Phase phase = Phase.WAITING;
  private long sinceNs;

  Casting(Sessions sessions, Links links, Tally tally, PlaneSettings settings) {
    this.sessions = sessions;
    this.tally = tally;
    this.settings = settings;
    this.remote = new CastRoute(links, false, 0, tally);
    int first = LOCAL_STREAMS + links.port() % STREAMS_PER_NODE * STREAMS_PER_NODE;
    this.local = new CastRoute(links, true, first, tally);
  }

  void onFollow(Session session, Follow follow) {
    if (follow.isWanted()) {
      followers.add(session);
    } else {
      followers.remove(session);
    }
  }

  int followers() {
    return followers.size();
  }

  /** Casts as soon as what is under way is done; of one cargo only the newest waits. */
  void cast(Cast cast) {
    for (Cast waiting : List.copyOf(queue)) {
      if (waiting.parcel().id().cargo() == cast.parcel().id().cargo()) {
        queue.remove(waiting);
        waiting.finish();
      }
    }
    queue.add(cast);
  }

  /** Ends casts of a parcel, whose memory must not be read from now on. */
  void withdraw(ParcelId id) {
    for (Cast waiting : List.copyOf(queue)) {
      if (waiting.parcel().id().equals(id)) {
        queue.remove(waiting);
        waiting.finish();
      }
    }
    if (current != null && current.parcel().id().equals(id)) {
      remote.begin(List.of(), sinceNs);
      local.begin(List.of(), sinceNs);
      end();
    }
  }

  void onReady(Session session, Ready ready) {
    if (current != null && ready.token() == current.token()) {
      current.set(session, ready.isWanted() ? Standing.READY : Standing.DELIVERED);
    }
  }

  void onProgress(Session session, Progress progress, long nowNs) {
    if (current != null && progress.token() == current.token()) {
      current.note(session, progress.bytes(), nowNs);
    }
  }

  void onDone(Session session, long token) {
    if (current != null && token == current.token()) {
      current.set(session, Standing.DELIVERED);
    }
  }

  int step(long nowNs) {
    followers.removeIf(session -> !session.isOpen());
    if (current == null) {
      return start(nowNs);
    }
    tally.add(PlaneCount.DROPPED, current.dropBroken());
    switch (phase) {
      case INVITING -> {
        if (!current.hasAny(Standing.INVITED) || nowNs - sinceNs > INVITATION_NS) {
          drop(current.members(Standing.INVITED, true), "it did not answer");
          drop(current.members(Standing.INVITED, false), "it did not answer");
          remote.begin(current.members(Standing.READY, false), nowNs);
          local.begin(current.members(Standing.READY, true), nowNs);
          enter(Phase.ASSEMBLING, nowNs);
        }
        return 0;
      }
      case ASSEMBLING -> {
        boolean isLate = nowNs - sinceNs > INVITATION_NS;
        if (remote.isAssembled() && local.isAssembled() || isLate) {
          enter(Phase.SENDING, nowNs);
        }
        return 0;
      }
      case SENDING -> {
        return send(nowNs);
      }
      case WAITING -> {
        boolean isLate = nowNs - sinceNs > 2 * settings.stall().toNanos();
        if (!current.hasAny(Standing.READY) || isLate) {
          drop(current.members(Standing.READY, true), "it did not finish");
          drop(current.members(Standing.READY, false), "it did not finish");
          end();
        }
        return 0;
      }
    }
    return 0;
  }

  private int start(long nowNs) {
    current = queue.poll();
    if (current == null) {
      return 0;
    }
    for (Session follower : followers) {
      current.invite(follower);
      follower.send(
          new Announce(
              current.parcel().id(),
              current.token(),
              current.parcel().bytes().length(),
              follower.isNeighbour() ? local.stream() : 0));
    }
    enter(Phase.INVITING, nowNs);
    return 1;
  }

  private int send(long nowNs) {
    int work = send(remote, false, nowNs) + send(local, true, nowNs);
    if (remote.isEnded() && local.isEnded()) {
      enter(Phase.WAITING, nowNs);
    }
    return work;
  }

  private int send(CastRoute route, boolean isLocal, long nowNs) {
    if (route.isEnded()) {
      return 0;
    }
    int sent = route.send(current, nowNs);
    if (sent > 0 || nowNs - route.progressNs() < STALL_NS) {
      return sent;
    }
    List<Session> ready = current.members(Standing.READY, isLocal);
    if (ready.isEmpty() || isLocal) {
      drop(ready, "it does not read");
      route.reset();
    } else {
      drop(List.of(current.slowest(ready)), "it is the slowest of those that hold others up");
      route.goOnWith(current.members(Standing.READY, false), settings.termBytes() / 2, nowNs);
    }
    return 1;
  }

  private void drop(List<Session> left, String why) {
    for (Session session : left) {
      LOG.info("{}: {} is left behind, {}", current.parcel().id(), session.place(), why);
      current.set(session, Standing.DROPPED);
      tally.add(PlaneCount.DROPPED);
    }
  }

  private void enter(Phase next, long nowNs) {
    phase = next;
    sinceNs = nowNs;
  }

  private void end() {
    current.finish();
    current = null;
  }

  void close() {
    queue.forEach(Cast::finish);
    queue.clear();
    if (current != null) {
      end();
    }
    remote.reset();
    local.reset();
  }

  /** A new cast of a parcel. */
  Cast of(Parcel parcel, java.util.concurrent.CompletableFuture<CastReport> report) {
    return new Cast(parcel, sessions.token(), report);
  }
}

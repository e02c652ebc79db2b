package dev.troupe.runtime.transport;

import dev.troupe.runtime.transport.ControlMessage.Announce;
import dev.troupe.runtime.transport.ControlMessage.Follow;
import dev.troupe.runtime.transport.ControlMessage.Ready;
import io.aeron.Subscription;
import io.aeron.logbuffer.FragmentHandler;
import java.util.HashMap;
import java.util.Map;
import org.agrona.CloseHelper;

/** Whose casts this node receives; a session that breaks is begun anew. */
final class Following {
  private static final long RETRY_NS = 500_000_000;

  private final Sessions sessions;
  private final Links links;
  private final Landings landings;
  private final Map<Place, Leader> leaders = new HashMap<>();

  private static final class Leader {
    Session session;
    boolean isTold;
    long notBeforeNs;
    Subscription casts;
    int stream;
  }

  Following(Sessions sessions, Links links, Landings landings) {
    this.sessions = sessions;
    this.links = links;
    this.landings = landings;
  }

  void follow(Place place, long nowNs) {
    leaders.computeIfAbsent(
        place,
        key -> {
          var leader = new Leader();
          leader.notBeforeNs = nowNs;
          return leader;
        });
  }

  void unfollow(Place place) {
    Leader leader = leaders.remove(place);
    if (leader != null) {
      CloseHelper.quietClose(leader.casts);
      if (leader.isTold && leader.session.isOpen()) {
        leader.session.send(new Follow(false));
      }
    }
  }

  void onAnnounce(Session session, Announce announce, long nowNs) {
    Leader leader = leaders.get(session.place());
    boolean isWanted = leader != null && leader.session == session;
    if (isWanted && announce.localStream() != 0) {
      isWanted = subscribe(leader, session.place(), announce.localStream());
    }
    isWanted = isWanted && landings.onAnnounce(session, announce, nowNs);
    session.send(new Ready(announce.token(), isWanted));
  }

  private boolean subscribe(Leader leader, Place place, int stream) {
    if (leader.casts != null && !leader.casts.isClosed() && leader.stream == stream) {
      return true;
    }
    CloseHelper.quietClose(leader.casts);
    leader.casts = null;
    try {
      leader.casts = links.castOf(place, stream);
      leader.stream = stream;
      return true;
    } catch (RuntimeException e) {
      // Its driver is gone, so the session is about to break too; repair will follow.
      return false;
    }
  }

  int poll(FragmentHandler handler, int limit) {
    int work = 0;
    for (Leader leader : leaders.values()) {
      if (leader.casts != null && !leader.casts.isClosed()) {
        work += leader.casts.poll(handler, limit);
      }
    }
    return work;
  }

  int step(long nowNs) {
    int work = 0;
    for (Map.Entry<Place, Leader> entry : leaders.entrySet()) {
      Leader leader = entry.getValue();
      boolean isBroken = leader.session == null || leader.session.state() == Session.State.BROKEN;
      if (isBroken && nowNs - leader.notBeforeNs >= 0) {
        leader.notBeforeNs = nowNs + RETRY_NS;
        leader.isTold = false;
        try {
          leader.session = sessions.to(entry.getKey(), nowNs);
          work++;
        } catch (RuntimeException e) {
          leader.session = null;
        }
      } else if (!isBroken && leader.session.isOpen() && !leader.isTold) {
        leader.session.send(new Follow(true));
        leader.isTold = true;
        work++;
      }
    }
    return work;
  }

  void close() {
    leaders.values().forEach(leader -> CloseHelper.quietClose(leader.casts));
    leaders.clear();
  }
}

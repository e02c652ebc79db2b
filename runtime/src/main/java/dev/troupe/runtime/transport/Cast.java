package dev.troupe.runtime.transport;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** One cast: who is to get it and how far each one is. */
final class Cast {
  /** What a follower said last. */
  enum Standing {
    INVITED,
    READY,
    DELIVERED,
    DROPPED
  }

  private static final class Member {
    Standing standing = Standing.INVITED;
    long bytes;
    long heardNs = Long.MIN_VALUE;
  }

  private final Parcel parcel;
  private final long token;
  private final CompletableFuture<CastReport> report;
  private final Map<Session, Member> members = new LinkedHashMap<>();

  /**
   * @param token in every chunk
   * @param report completed when everyone is delivered or dropped
   */
  Cast(Parcel parcel, long token, CompletableFuture<CastReport> report) {
    this.parcel = parcel;
    this.token = token;
    this.report = report;
  }

  Parcel parcel() {
    return parcel;
  }

  long token() {
    return token;
  }

  void invite(Session session) {
    members.put(session, new Member());
  }

  void set(Session session, Standing standing) {
    Member member = members.get(session);
    if (member != null && member.standing != Standing.DROPPED) {
      member.standing = standing;
    }
  }

  void note(Session session, long bytes, long nowNs) {
    Member member = members.get(session);
    if (member != null) {
      member.bytes = Math.max(member.bytes, bytes);
      member.heardNs = nowNs;
    }
  }

  /** Those of a standing, neighbours or others. */
  List<Session> members(Standing standing, boolean areNeighbours) {
    var found = new ArrayList<Session>();
    members.forEach(
        (session, member) -> {
          if (member.standing == standing && session.isNeighbour() == areNeighbours) {
            found.add(session);
          }
        });
    return found;
  }

  boolean hasAny(Standing standing) {
    return members.values().stream().anyMatch(member -> member.standing == standing);
  }

  /** Marks those whose session is over; returns how many. */
  int dropBroken() {
    int broken = 0;
    for (Map.Entry<Session, Member> entry : members.entrySet()) {
      Member member = entry.getValue();
      if (!entry.getKey().isOpen()
          && (member.standing == Standing.INVITED || member.standing == Standing.READY)) {
        member.standing = Standing.DROPPED;
        broken++;
      }
    }
    return broken;
  }

  /** The one of the given sessions that got the fewest bytes, or said so the longest ago. */
  Session slowest(List<Session> among) {
    return Collections.min(
        among,
        Comparator.comparingLong((Session session) -> members.get(session).bytes)
            .thenComparingLong(session -> members.get(session).heardNs));
  }

  /** Tells whoever waits. */
  void finish() {
    var delivered = new ArrayList<Place>();
    var dropped = new ArrayList<Place>();
    members.forEach(
        (session, member) ->
            (member.standing == Standing.DELIVERED ? delivered : dropped).add(session.place()));
    report.complete(new CastReport(parcel.id(), delivered, dropped));
  }
}

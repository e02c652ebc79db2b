package dev.troupe.runtime.transport;

import io.aeron.ExclusivePublication;
import io.aeron.logbuffer.BufferClaim;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.agrona.CloseHelper;

/**
 * One of the two ways of a cast: a publication with the destinations of remote followers, or one in
 * shared memory for neighbours. It outlives a cast as long as the same followers are on it.
 */
final class CastRoute {
  private static final int BURST = 16;

  private final Links links;
  private final boolean isLocal;
  private final Tally tally;
  private final BufferClaim claim = new BufferClaim();
  private final Set<Place> destinations = new HashSet<>();
  private ExclusivePublication publication;
  private int stream;
  private long cursor;
  private boolean isEnded = true;
  private long progressNs;

  /**
   * @param firstStream of the local route, which counts up; 0 for the remote one
   */
  CastRoute(Links links, boolean isLocal, int firstStream, Tally tally) {
    this.links = links;
    this.isLocal = isLocal;
    this.stream = firstStream;
    this.tally = tally;
  }

  /** The stream that neighbours subscribe to, which is there from then on. */
  int stream() {
    if (publication == null) {
      publication = links.toNeighbours(stream);
    }
    return stream;
  }

  /** Begins a cast to these; nobody means that there is nothing to send. */
  void begin(List<Session> followers, long nowNs) {
    if (!isLocal && !followers.isEmpty()) {
      direct(followers);
    }
    cursor = 0;
    progressNs = nowNs;
    isEnded = followers.isEmpty();
  }

  /** Publications cannot take a receiver's place in flow control back: others get a new one. */
  private void direct(List<Session> followers) {
    var places = new HashSet<Place>();
    followers.forEach(session -> places.add(session.place()));
    if (publication != null && places.equals(destinations) && publication.isConnected()) {
      return;
    }
    reset();
    publication = links.toMany();
    for (Place place : places) {
      publication.addDestination("aeron:udp?endpoint=" + place);
    }
    destinations.addAll(places);
  }

  /** Whether all receivers are there, so that none misses the beginning. */
  boolean isAssembled() {
    return isEnded
        || publication.isConnected()
            && (isLocal || links.receivers(publication) >= destinations.size());
  }

  boolean isEnded() {
    return isEnded;
  }

  /** When the last chunk went, or when the cast began. */
  long progressNs() {
    return progressNs;
  }

  /** Sends what there is room for. */
  int send(Cast cast, long nowNs) {
    int sent = 0;
    long total = cast.parcel().bytes().length();
    int longest = Session.chunkBytes(publication);
    while (sent < BURST && !isEnded) {
      int length = (int) Math.min(longest, total - cursor);
      if (!Session.trySend(publication, claim, cast.parcel(), cast.token(), cursor, length)) {
        break;
      }
      sent++;
      if (length == 0) {
        isEnded = true;
      } else {
        cursor += length;
        tally.add(PlaneCount.CHUNKS_SENT);
        tally.add(PlaneCount.BYTES_SENT, length);
      }
    }
    if (sent > 0) {
      progressNs = nowNs;
    }
    return sent;
  }

  /**
   * Goes on without those who held it up.
   *
   * @param rewindBytes what may be lost with the former publication
   */
  void goOnWith(List<Session> followers, long rewindBytes, long nowNs) {
    long from = Math.max(0, cursor - rewindBytes);
    begin(followers, nowNs);
    cursor = from;
  }

  /** Gives the publication up; a local route continues on the next stream. */
  void reset() {
    CloseHelper.quietClose(publication);
    publication = null;
    destinations.clear();
    isEnded = true;
    if (isLocal) {
      stream++;
    }
  }
}

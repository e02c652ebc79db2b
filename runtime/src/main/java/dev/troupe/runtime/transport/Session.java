package dev.troupe.runtime.transport;

import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.logbuffer.BufferClaim;
import java.util.ArrayDeque;
import java.util.Queue;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;

/** What one node knows of its conversation with another one. */
final class Session {
  /** Where a session is. */
  enum State {
    /** Greetings are on their way. */
    GREETING,
    /** Both sides proved the secret. */
    OPEN,
    /** Over; {@link #reason} says why. */
    BROKEN
  }

  /** Payloads begin at multiples of a cache line. */
  private static final int ALIGNMENT = 64;

  private final long id;
  private final boolean isInitiator;
  private final Place place;
  private final boolean isNeighbour;
  private final byte[] nonce;
  private final long sinceNs;
  private final ExclusivePublication publication;
  private final Queue<byte[]> outbox = new ArrayDeque<>();
  private final BufferClaim claim = new BufferClaim();

  private State state = State.GREETING;
  private String reason = "";
  private SharedSecret outgoing;
  private SharedSecret incoming;
  private long sent;
  private long received;
  private long connectedNs;

  /**
   * @param publication to the peer's inbox; belongs to the session
   * @param nonce of the initiator
   */
  Session(
      long id,
      boolean isInitiator,
      Place place,
      boolean isNeighbour,
      byte[] nonce,
      ExclusivePublication publication,
      long nowNs) {
    this.id = id;
    this.isInitiator = isInitiator;
    this.place = place;
    this.isNeighbour = isNeighbour;
    this.nonce = nonce;
    this.publication = publication;
    this.sinceNs = nowNs;
    this.connectedNs = nowNs;
  }

  long id() {
    return id;
  }

  boolean isInitiator() {
    return isInitiator;
  }

  Place place() {
    return place;
  }

  boolean isNeighbour() {
    return isNeighbour;
  }

  byte[] nonce() {
    return nonce;
  }

  long sinceNs() {
    return sinceNs;
  }

  State state() {
    return state;
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  /** Why it is over, as part of a sentence. */
  String reason() {
    return reason;
  }

  /** The keys of the two directions, once both nonces are known. */
  void agree(SharedSecret secret, byte[] answer) {
    byte[] number = new byte[Long.BYTES];
    new UnsafeBuffer(number).putLong(0, id, java.nio.ByteOrder.LITTLE_ENDIAN);
    SharedSecret ofInitiator = secret.derive("initiator", nonce, answer, number);
    SharedSecret ofAcceptor = secret.derive("acceptor", nonce, answer, number);
    outgoing = isInitiator ? ofInitiator : ofAcceptor;
    incoming = isInitiator ? ofAcceptor : ofInitiator;
  }

  /** What the peer's messages are signed with; null before the keys are agreed. */
  SharedSecret incoming() {
    return incoming;
  }

  void open() {
    state = State.OPEN;
  }

  /** Ends the session; what was queued is lost. */
  void breakUp(String why) {
    if (state != State.BROKEN) {
      state = State.BROKEN;
      reason = why;
      outbox.clear();
      CloseHelper.quietClose(publication);
    }
  }

  /** Whether a message with that number was not there before. */
  boolean isNew(long sequence) {
    if (sequence <= received) {
      return false;
    }
    received = sequence;
    return true;
  }

  /** Sends a message under the session's key, now or as soon as there is room. */
  void send(ControlMessage message) {
    post(ControlFrame.write(message, id, ++sent, outgoing));
  }

  /** Sends a frame, now or as soon as there is room. */
  void post(byte[] frame) {
    if (state != State.BROKEN) {
      outbox.add(frame);
      flush();
    }
  }

  /** Sends what waits; returns how many messages went. */
  int flush() {
    int work = 0;
    while (!outbox.isEmpty()) {
      byte[] frame = outbox.peek();
      long result = publication.offer(new UnsafeBuffer(frame), 0, frame.length);
      if (result < 0) {
        if (result == Publication.CLOSED || result == Publication.MAX_POSITION_EXCEEDED) {
          breakUp("its stream was closed");
        }
        break;
      }
      outbox.remove();
      work++;
    }
    return work;
  }

  /** Notices a peer that no longer listens. */
  void check(long nowNs, long stallNs) {
    if (state == State.BROKEN) {
      return;
    }
    if (publication.isConnected()) {
      connectedNs = nowNs;
    } else if (state == State.OPEN && nowNs - connectedNs > stallNs) {
      breakUp("it no longer listens");
    } else if (publication.isClosed()) {
      breakUp("its stream was closed");
    }
  }

  boolean wasEverConnected() {
    return connectedNs != sinceNs;
  }

  /** The longest payload of a chunk in bytes. */
  int chunkBytes() {
    return chunkBytes(publication);
  }

  static int chunkBytes(ExclusivePublication publication) {
    return (publication.maxPayloadLength() - Chunk.HEADER) / ALIGNMENT * ALIGNMENT;
  }

  /**
   * Sends a chunk unless there is no room.
   *
   * @param length 0 for the end of a transfer
   */
  boolean trySend(Parcel parcel, long token, long offset, int length) {
    if (state != State.OPEN || !outbox.isEmpty()) {
      return false;
    }
    return trySend(publication, claim, parcel, token, offset, length);
  }

  static boolean trySend(
      ExclusivePublication publication,
      BufferClaim claim,
      Parcel parcel,
      long token,
      long offset,
      int length) {
    if (publication.tryClaim(Chunk.HEADER + length, claim) < 0) {
      return false;
    }
    Chunk.write(claim.buffer(), claim.offset(), token, parcel.id(), parcel.bytes(), offset, length);
    claim.commit();
    return true;
  }
}

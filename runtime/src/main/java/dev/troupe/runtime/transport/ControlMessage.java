package dev.troupe.runtime.transport;

import dev.troupe.runtime.transport.RangeSet.Range;
import java.util.List;

/** What peers say to each other beside chunks. A session's initiator takes, its acceptor holds. */
sealed interface ControlMessage {
  /** Bytes of the random numbers that make a session's keys new. */
  int NONCE_BYTES = 16;

  /** The most ranges of one request: with them it fits into the smallest datagram. */
  int MOST_RANGES = 64;

  /**
   * Opens a session.
   *
   * @param nonce of the initiator
   * @param from where to answer
   * @param isNeighbour whether to answer through shared memory
   */
  record Hello(byte[] nonce, Place from, boolean isNeighbour) implements ControlMessage {}

  /**
   * Answers a hello; its signature proves the secret, since it covers the initiator's nonce.
   *
   * @param nonce of the initiator
   * @param answer the acceptor's own
   */
  record Challenge(byte[] nonce, byte[] answer) implements ControlMessage {}

  /** Answers a challenge; its signature under the session's key proves the secret. */
  record Proof() implements ControlMessage {}

  /** The session is open. */
  record Welcome() implements ControlMessage {}

  /**
   * Asks for ranges of a parcel, in place of those asked for before with the same token.
   *
   * @param token drawn by the taker, comes back in every chunk
   * @param ranges a range may end beyond the parcel, whose length the taker need not know
   */
  record Want(ParcelId id, long token, List<Range> ranges) implements ControlMessage {}

  /**
   * Answers a request for a parcel before its chunks.
   *
   * @param length of the parcel in bytes, -1 if it is not held, -2 if it will be held soon
   */
  record Answer(long token, long length) implements ControlMessage {
    /** The holder knows nothing of the parcel. */
    static final long NOT_HELD = -1;

    /** The holder will send the parcel as soon as it has it. */
    static final long NOT_YET = -2;
  }

  /** Nothing more is wanted of a transfer. */
  record Done(long token) implements ControlMessage {}

  /**
   * Asks to be in the casts of the acceptor, or no longer to be.
   *
   * @param isWanted whether casts are wanted from now on
   */
  record Follow(boolean isWanted) implements ControlMessage {}

  /**
   * A cast begins.
   *
   * @param token drawn by the caster, in every chunk of the cast
   * @param length of the parcel in bytes
   * @param localStream stream on the caster's media driver for neighbours, 0 for others
   */
  record Announce(ParcelId id, long token, long length, int localStream)
      implements ControlMessage {}

  /**
   * Answers an announcement.
   *
   * @param isWanted whether the parcel is to be received
   */
  record Ready(long token, boolean isWanted) implements ControlMessage {}

  /**
   * How far a cast has come.
   *
   * @param bytes of the parcel that are there
   */
  record Progress(long token, long bytes) implements ControlMessage {}

  /** The session is over. */
  record Bye() implements ControlMessage {}
}

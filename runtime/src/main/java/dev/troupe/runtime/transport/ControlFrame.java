package dev.troupe.runtime.transport;

import dev.troupe.runtime.transport.ControlMessage.Announce;
import dev.troupe.runtime.transport.ControlMessage.Answer;
import dev.troupe.runtime.transport.ControlMessage.Bye;
import dev.troupe.runtime.transport.ControlMessage.Challenge;
import dev.troupe.runtime.transport.ControlMessage.Done;
import dev.troupe.runtime.transport.ControlMessage.Follow;
import dev.troupe.runtime.transport.ControlMessage.Hello;
import dev.troupe.runtime.transport.ControlMessage.Progress;
import dev.troupe.runtime.transport.ControlMessage.Proof;
import dev.troupe.runtime.transport.ControlMessage.Ready;
import dev.troupe.runtime.transport.ControlMessage.Want;
import dev.troupe.runtime.transport.ControlMessage.Welcome;
import dev.troupe.runtime.transport.RangeSet.Range;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Control messages as bytes, little-endian:
 *
 * <pre>
 *  0 int   magic, as in chunks
 *  4 int   0
 *  8 byte  format version, as in chunks
 *  9 byte  kind, 2 or more
 * 10 short length of the body
 * 12 long  session
 * 20 long  sequence number in the session and direction, from 1
 * 28 body
 *    32 bytes HMAC-SHA256 of all before
 * </pre>
 *
 * @param session drawn by the initiator
 * @param sequence so that a message is taken once
 * @param bytes the whole frame
 */
record ControlFrame(int kind, long session, long sequence, byte[] bytes) {
  static final int HELLO = 2;
  static final int CHALLENGE = 3;
  static final int PROOF = 4;
  private static final int WELCOME = 5;
  private static final int WANT = 6;
  private static final int ANSWER = 7;
  private static final int DONE = 8;
  private static final int FOLLOW = 9;
  private static final int ANNOUNCE = 10;
  private static final int READY = 11;
  private static final int PROGRESS = 12;
  private static final int BYE = 13;

  private static final int HEADER = 28;
  private static final int SIGNATURE = 32;
  private static final int LONGEST = 1280;
  private static final HexFormat HEX = HexFormat.of();

  /** Writes and signs a message. */
  static byte[] write(ControlMessage message, long session, long sequence, SharedSecret key) {
    ByteBuffer frame = ByteBuffer.allocate(LONGEST).order(ByteOrder.LITTLE_ENDIAN);
    frame.position(HEADER);
    int kind = writeBody(message, frame);
    int length = frame.position();
    frame.putInt(0, Chunk.MAGIC).put(Chunk.FORMAT_AT, Chunk.FORMAT).put(Chunk.KIND_AT, (byte) kind);
    frame.putShort(10, (short) (length - HEADER)).putLong(12, session).putLong(20, sequence);
    frame.put(key.sign(frame.array(), length));
    return Arrays.copyOf(frame.array(), frame.position());
  }

  private static int writeBody(ControlMessage message, ByteBuffer body) {
    if (message instanceof Hello hello) {
      body.put(hello.nonce()).put((byte) (hello.isNeighbour() ? 1 : 0));
      writePlace(hello.from(), body);
      return HELLO;
    } else if (message instanceof Challenge challenge) {
      body.put(challenge.nonce()).put(challenge.answer());
      return CHALLENGE;
    } else if (message instanceof Want want) {
      writeId(want.id(), body);
      body.putLong(want.token()).putInt(want.ranges().size());
      want.ranges().forEach(range -> body.putLong(range.from()).putLong(range.to()));
      return WANT;
    } else if (message instanceof Answer answer) {
      body.putLong(answer.token()).putLong(answer.length());
      return ANSWER;
    } else if (message instanceof Done done) {
      body.putLong(done.token());
      return DONE;
    } else if (message instanceof Follow follow) {
      body.put((byte) (follow.isWanted() ? 1 : 0));
      return FOLLOW;
    } else if (message instanceof Announce announce) {
      writeId(announce.id(), body);
      body.putLong(announce.token()).putLong(announce.length()).putInt(announce.localStream());
      return ANNOUNCE;
    } else if (message instanceof Ready ready) {
      body.putLong(ready.token()).put((byte) (ready.isWanted() ? 1 : 0));
      return READY;
    } else if (message instanceof Progress progress) {
      body.putLong(progress.token()).putLong(progress.bytes());
      return PROGRESS;
    }
    return message instanceof Proof ? PROOF : message instanceof Welcome ? WELCOME : BYE;
  }

  private static void writePlace(Place place, ByteBuffer body) {
    writeText(place.host(), body);
    body.putInt(place.port());
    writeText(place.aeronDirectory(), body);
    body.putLong(place.mark());
  }

  private static void writeText(String text, ByteBuffer body) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    body.putShort((short) bytes.length).put(bytes);
  }

  private static void writeId(ParcelId id, ByteBuffer body) {
    body.putInt(id.cargo().code()).putInt(id.epoch()).putLong(id.number());
    body.put(HEX.parseHex(id.digest()));
  }

  /**
   * Takes a frame apart without believing it.
   *
   * @return null if it is shorter than it says
   */
  static ControlFrame read(byte[] bytes) {
    ByteBuffer frame = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < HEADER + SIGNATURE
        || bytes.length != HEADER + Short.toUnsignedInt(frame.getShort(10)) + SIGNATURE) {
      return null;
    }
    return new ControlFrame(frame.get(Chunk.KIND_AT), frame.getLong(12), frame.getLong(20), bytes);
  }

  /** Whether someone who knows the key wrote it. */
  boolean isSigned(SharedSecret key) {
    int signed = bytes.length - SIGNATURE;
    byte[] signature = Arrays.copyOfRange(bytes, signed, bytes.length);
    return MessageDigest.isEqual(signature, key.sign(bytes, signed));
  }

  /**
   * The message of a signed frame.
   *
   * @return null if this format knows no such message
   */
  ControlMessage message() {
    ByteBuffer body =
        ByteBuffer.wrap(bytes, HEADER, bytes.length - HEADER - SIGNATURE)
            .order(ByteOrder.LITTLE_ENDIAN);
    try {
      return readBody(body);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return null;
    }
  }

  private ControlMessage readBody(ByteBuffer body) {
    return switch (kind) {
      case HELLO -> {
        byte[] nonce = take(body, ControlMessage.NONCE_BYTES);
        boolean isNeighbour = body.get() == 1;
        yield new Hello(nonce, readPlace(body), isNeighbour);
      }
      case CHALLENGE ->
          new Challenge(
              take(body, ControlMessage.NONCE_BYTES), take(body, ControlMessage.NONCE_BYTES));
      case PROOF -> new Proof();
      case WELCOME -> new Welcome();
      case WANT -> readWant(body);
      case ANSWER -> new Answer(body.getLong(), body.getLong());
      case DONE -> new Done(body.getLong());
      case FOLLOW -> new Follow(body.get() == 1);
      case ANNOUNCE -> new Announce(readId(body), body.getLong(), body.getLong(), body.getInt());
      case READY -> new Ready(body.getLong(), body.get() == 1);
      case PROGRESS -> new Progress(body.getLong(), body.getLong());
      case BYE -> new Bye();
      default -> null;
    };
  }

  private static Want readWant(ByteBuffer body) {
    ParcelId id = readId(body);
    long token = body.getLong();
    int count = body.getInt();
    if (count < 1 || count > ControlMessage.MOST_RANGES) {
      throw new IllegalArgumentException("ranges: " + count);
    }
    var ranges = new ArrayList<Range>();
    for (int i = 0; i < count; i++) {
      ranges.add(new Range(body.getLong(), body.getLong()));
    }
    return new Want(id, token, ranges);
  }

  private static Place readPlace(ByteBuffer body) {
    String host = readText(body);
    int port = body.getInt();
    return new Place(host, port, readText(body), body.getLong());
  }

  private static String readText(ByteBuffer body) {
    return new String(take(body, Short.toUnsignedInt(body.getShort())), StandardCharsets.UTF_8);
  }

  private static ParcelId readId(ByteBuffer body) {
    Cargo cargo = Cargo.of(body.getInt()).orElseThrow(IllegalArgumentException::new);
    return new ParcelId(
        cargo, body.getInt(), body.getLong(), HEX.formatHex(take(body, ParcelId.DIGEST_BYTES)));
  }

  private static byte[] take(ByteBuffer body, int count) {
    if (count > body.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[count];
    body.get(bytes);
    return bytes;
  }
}

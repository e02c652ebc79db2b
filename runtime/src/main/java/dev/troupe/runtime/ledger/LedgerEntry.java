package dev.troupe.runtime.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The bytes of an entry, little endian:
 *
 * <pre>
 * offset  bytes
 *      0      4  marker, {@value #MARKER}: where to go on after a damaged entry
 *      4      4  length of what follows the checksum
 *      8      4  CRC32C of what follows
 *     12      8  ordinal
 *     20      2  length of the phase
 *     22         phase, UTF-8
 *                payload
 * </pre>
 */
final class LedgerEntry {
  static final int MARKER = 0x50525254;
  static final int HEADER = 12;

  /** Of one entry: a group of many long completions stays far below. */
  static final int MOST_BYTES = 1 << 30;

  private static final int FIXED = Long.BYTES + Short.BYTES;

  /** Where an entry lies in its segment. */
  record Found(LedgerKey key, long position, int bytes) {}

  private LedgerEntry() {}

  static ByteBuffer encode(LedgerKey key, ByteBuffer payload) {
    byte[] phase = key.phase().getBytes(UTF_8);
    long length = (long) FIXED + phase.length + payload.remaining();
    if (length > MOST_BYTES || phase.length > Short.MAX_VALUE) {
      throw new LedgerException(
          "Entry %s has %d bytes; a ledger takes at most %d an entry."
              .formatted(key, length, MOST_BYTES));
    }
    ByteBuffer entry =
        ByteBuffer.allocate(HEADER + (int) length).order(ByteOrder.LITTLE_ENDIAN).position(HEADER);
    entry.putLong(key.ordinal()).putShort((short) phase.length).put(phase);
    entry.put(payload.duplicate()).flip();
    entry.putInt(0, MARKER).putInt(4, (int) length).putInt(8, checksum(entry, HEADER));
    return entry;
  }

  /**
   * The entry that begins at the position of a buffer, which stays where it is.
   *
   * @return empty if no whole, undamaged entry begins there
   */
  static Optional<Found> at(ByteBuffer segment, int position) {
    if (segment.limit() - position < HEADER + FIXED || segment.getInt(position) != MARKER) {
      return Optional.empty();
    }
    int length = segment.getInt(position + 4);
    if (length < FIXED || length > segment.limit() - position - HEADER) {
      return Optional.empty();
    }
    ByteBuffer body = segment.slice(position + HEADER, length).order(ByteOrder.LITTLE_ENDIAN);
    if (checksum(body, 0) != segment.getInt(position + 8)) {
      return Optional.empty();
    }
    long ordinal = body.getLong();
    int phaseLength = body.getShort();
    if (phaseLength < 0 || phaseLength > body.remaining()) {
      return Optional.empty();
    }
    byte[] phase = new byte[phaseLength];
    body.get(phase);
    return Optional.of(
        new Found(new LedgerKey(new String(phase, UTF_8), ordinal), position, HEADER + length));
  }

  /** The payload of an entry that is expected at the beginning of a buffer. */
  static Optional<ByteBuffer> payload(ByteBuffer entry, LedgerKey expected) {
    return at(entry, 0)
        .filter(found -> found.key().equals(expected))
        .map(found -> payload(entry, found));
  }

  /** The payload of an entry that was found in a buffer. */
  static ByteBuffer payload(ByteBuffer segment, Found found) {
    int before = HEADER + FIXED + found.key().phase().getBytes(UTF_8).length;
    return segment
        .slice((int) found.position() + before, found.bytes() - before)
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int checksum(ByteBuffer bytes, int from) {
    var crc = new CRC32C();
    crc.update(bytes.duplicate().position(from));
    return (int) crc.getValue();
  }
}

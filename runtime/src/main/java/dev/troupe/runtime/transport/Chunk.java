package dev.troupe.runtime.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The header of a chunk, 48 bytes little-endian before the payload:
 *
 * <pre>
 *  0 int   magic "TRPC"
 *  4 int   CRC32C of all that follows, payload included
 *  8 byte  format version, 1
 *  9 byte  kind, 1
 * 10 short flags: 1 on the last chunk of what was asked for, which is empty
 * 12 int   length of the payload in bytes
 * 16 long  token of the transfer, which its taker or caster drew
 * 24 int   cargo
 * 28 int   epoch
 * 32 long  number
 * 40 long  offset of the payload in the parcel
 * </pre>
 */
final class Chunk {
  static final int MAGIC = 0x43505254;
  static final byte FORMAT = 1;
  static final byte KIND = 1;
  static final int HEADER = 48;
  static final short END = 1;

  static final int FORMAT_AT = 8;
  static final int KIND_AT = 9;
  private static final int CRC_AT = 4;
  private static final int FLAGS_AT = 10;
  private static final int LENGTH_AT = 12;
  private static final int TOKEN_AT = 16;
  private static final int CARGO_AT = 24;
  private static final int EPOCH_AT = 28;
  private static final int NUMBER_AT = 32;
  private static final int OFFSET_AT = 40;

  private Chunk() {}

  /** Writes header and payload; a payload of no bytes is the end of a transfer. */
  static void write(
      MutableDirectBuffer buffer,
      int at,
      long token,
      ParcelId id,
      Segments bytes,
      long offset,
      int length) {
    buffer.putInt(at, MAGIC, ByteOrder.LITTLE_ENDIAN);
    buffer.putByte(at + FORMAT_AT, FORMAT);
    buffer.putByte(at + KIND_AT, KIND);
    buffer.putShort(at + FLAGS_AT, length == 0 ? END : 0, ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(at + LENGTH_AT, length, ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(at + TOKEN_AT, token, ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(at + CARGO_AT, id.cargo().code(), ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(at + EPOCH_AT, id.epoch(), ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(at + NUMBER_AT, id.number(), ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(at + OFFSET_AT, offset, ByteOrder.LITTLE_ENDIAN);
    if (length > 0) {
      bytes.read(offset, buffer, at + HEADER, length);
    }
    buffer.putInt(at + CRC_AT, crc(buffer, at, length), ByteOrder.LITTLE_ENDIAN);
  }

  /** Whether the bytes are those that the sender saw. */
  static boolean isIntact(DirectBuffer buffer, int at, int length) {
    return buffer.getInt(at + CRC_AT, ByteOrder.LITTLE_ENDIAN) == crc(buffer, at, length);
  }

  private static int crc(DirectBuffer buffer, int at, int length) {
    var crc = new CRC32C();
    int from = buffer.wrapAdjustment() + at + FORMAT_AT;
    int count = HEADER - FORMAT_AT + length;
    if (buffer.byteArray() != null) {
      crc.update(buffer.byteArray(), from, count);
    } else {
      ByteBuffer memory = buffer.byteBuffer().duplicate();
      crc.update(memory.limit(from + count).position(from));
    }
    return (int) crc.getValue();
  }

  static int length(DirectBuffer buffer, int at) {
    return buffer.getInt(at + LENGTH_AT, ByteOrder.LITTLE_ENDIAN);
  }

  static long token(DirectBuffer buffer, int at) {
    return buffer.getLong(at + TOKEN_AT, ByteOrder.LITTLE_ENDIAN);
  }

  static long offset(DirectBuffer buffer, int at) {
    return buffer.getLong(at + OFFSET_AT, ByteOrder.LITTLE_ENDIAN);
  }

  static boolean isEnd(DirectBuffer buffer, int at) {
    return (buffer.getShort(at + FLAGS_AT, ByteOrder.LITTLE_ENDIAN) & END) != 0;
  }

  /** Whether the chunk belongs to that parcel. */
  static boolean isOf(DirectBuffer buffer, int at, ParcelId id) {
    return buffer.getInt(at + CARGO_AT, ByteOrder.LITTLE_ENDIAN) == id.cargo().code()
        && buffer.getInt(at + EPOCH_AT, ByteOrder.LITTLE_ENDIAN) == id.epoch()
        && buffer.getLong(at + NUMBER_AT, ByteOrder.LITTLE_ENDIAN) == id.number();
  }
}

package dev.troupe.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class ChunkTest {
  private static final ParcelId ID =
      new ParcelId(Cargo.DELTA, 0x01020304, 0x1112131415161718L, "ab".repeat(32));
  private static final long TOKEN = 0x2122232425262728L;
  private static final Segments BYTES =
      Segments.of(
          List.of(ByteBuffer.wrap(new byte[] {1, 2, 3}), ByteBuffer.wrap(new byte[] {4, 5})));

  private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(64));

  @Test
  void hasTheBytesOfItsFormat() {
    Chunk.write(buffer, 8, TOKEN, ID, BYTES, 1, 3);

    String fields =
        "0101" // format, kind
            + "0000" // flags
            + "03000000" // length
            + "2827262524232221" // token
            + "04000000" // cargo: delta
            + "04030201" // epoch
            + "1817161514131211" // number
            + "0100000000000000" // offset
            + "020304"; // payload, from two pieces
    String crc = HexFormat.of().toHexDigits(Integer.reverseBytes(castagnoli(fields)));
    byte[] written = new byte[Chunk.HEADER + 3];
    buffer.getBytes(8, written);
    assertEquals("54525043" /* TRPC */ + crc + fields, HexFormat.of().formatHex(written));
  }

  /** CRC32C bit by bit (RFC 3720, polynomial 0x1EDC6F41, reflected 0x82F63B78). */
  private static int castagnoli(String hex) {
    int crc = -1;
    for (byte b : HexFormat.of().parseHex(hex)) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
      }
    }
    return ~crc;
  }

  @Test
  void isReadAsItWasWritten() {
    Chunk.write(buffer, 0, TOKEN, ID, BYTES, 2, 3);

    assertTrue(Chunk.isIntact(buffer, 0, 3));
    assertTrue(Chunk.isOf(buffer, 0, ID));
    assertFalse(Chunk.isEnd(buffer, 0));
    assertEquals(TOKEN, Chunk.token(buffer, 0));
    assertEquals(2, Chunk.offset(buffer, 0));
    assertEquals(3, Chunk.length(buffer, 0));
  }

  @Test
  void anEmptyChunkIsTheEnd() {
    Chunk.write(buffer, 0, TOKEN, ID, BYTES, 0, 0);

    assertTrue(Chunk.isEnd(buffer, 0));
    assertTrue(Chunk.isIntact(buffer, 0, 0));
  }

  @Test
  void everySingleFlippedBitIsNoticed() {
    Chunk.write(buffer, 0, TOKEN, ID, BYTES, 0, 5);
    for (int at = 4; at < Chunk.HEADER + 5; at++) {
      for (int bit = 0; bit < 8; bit++) {
        buffer.putByte(at, (byte) (buffer.getByte(at) ^ 1 << bit));
        assertFalse(Chunk.isIntact(buffer, 0, 5), "bit " + bit + " of byte " + at);
        buffer.putByte(at, (byte) (buffer.getByte(at) ^ 1 << bit));
      }
    }
    assertTrue(Chunk.isIntact(buffer, 0, 5));
  }

  @Test
  void knowsChunksOfOtherVersions() {
    Chunk.write(buffer, 0, TOKEN, ID, BYTES, 0, 5);

    for (ParcelId other :
        List.of(
            new ParcelId(Cargo.WEIGHTS, ID.epoch(), ID.number(), ID.digest()),
            new ParcelId(ID.cargo(), 1, ID.number(), ID.digest()),
            new ParcelId(ID.cargo(), ID.epoch(), 1, ID.digest()))) {
      assertFalse(Chunk.isOf(buffer, 0, other), other.toString());
    }
  }
}

package dev.troupe.runtime.transport;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;

/**
 * The difference between two arrays of float32, bit for bit.
 *
 * <p>The bit patterns are subtracted as integers: of two floats of one sign that differ little, the
 * patterns differ little too, whatever carries happen between mantissa and exponent. The difference
 * is folded so that small ones of either sign are small ({@code 2d} or {@code -2d - 1}), and its
 * leading zero bytes are left out.
 *
 * <p>Format, for each block of up to 1024 elements: a byte 0 if nothing changed; else a byte 1, two
 * bits for each element that stand for 0, 2, 3 or 4 bytes, four elements a byte and the first in
 * the lowest bits, then those bytes, little-endian.
 */
public final class FloatDelta {
  private static final int BLOCK = 1024;
  private static final byte SAME = 0;
  private static final byte CHANGED = 1;
  private static final int[] BYTES = {0, 2, 3, 4};

  private FloatDelta() {}

  /** The most bytes that a delta of that many elements can have. */
  public static long mostBytes(long elements) {
    long blocks = (elements + BLOCK - 1) / BLOCK;
    return blocks * (1 + BLOCK / 4) + Integer.BYTES * elements;
  }

  /**
   * Writes what changed.
   *
   * @param before bit patterns, from position 0 to the limit
   * @param after as many
   * @param target little-endian, with room for {@link #mostBytes}; left behind the last byte
   */
  public static void write(IntBuffer before, IntBuffer after, ByteBuffer target) {
    requireSame(before.limit(), after.limit());
    for (int from = 0; from < after.limit(); from += BLOCK) {
      writeBlock(before, after, from, Math.min(after.limit(), from + BLOCK), target);
    }
  }

  private static void writeBlock(
      IntBuffer before, IntBuffer after, int from, int to, ByteBuffer target) {
    int start = target.position();
    int codes = start + 1;
    int at = codes + (to - from + 3) / 4;
    int packed = 0;
    boolean isChanged = false;
    for (int i = from; i < to; i++) {
      int difference = after.get(i) - before.get(i);
      int folded = difference << 1 ^ difference >> 31;
      int code = folded == 0 ? 0 : folded >>> 16 == 0 ? 1 : folded >>> 24 == 0 ? 2 : 3;
      isChanged |= code != 0;
      int inByte = i - from & 3;
      packed |= code << 2 * inByte;
      if (inByte == 3 || i == to - 1) {
        target.put(codes + (i - from) / 4, (byte) packed);
        packed = 0;
      }
      for (int k = 0; k < BYTES[code]; k++) {
        target.put(at++, (byte) (folded >>> 8 * k));
      }
    }
    target.put(start, isChanged ? CHANGED : SAME);
    target.position(isChanged ? at : start + 1);
  }

  /**
   * Makes the array after from the one before.
   *
   * @param before bit patterns, from position 0 to the limit
   * @param delta what {@link #write} wrote, from position to limit
   * @param after filled from position 0 to the limit, which is that of {@code before}
   * @throws IllegalArgumentException if the delta is not one of as many elements
   */
  public static void apply(IntBuffer before, ByteBuffer delta, IntBuffer after) {
    requireSame(before.limit(), after.limit());
    try {
      for (int from = 0; from < after.limit(); from += BLOCK) {
        applyBlock(before, delta, from, Math.min(after.limit(), from + BLOCK), after);
      }
    } catch (IndexOutOfBoundsException | java.nio.BufferUnderflowException e) {
      throw new IllegalArgumentException("the delta ends too early", e);
    }
    if (delta.hasRemaining()) {
      throw new IllegalArgumentException(delta.remaining() + " bytes stand behind the delta");
    }
  }

  private static void applyBlock(
      IntBuffer before, ByteBuffer delta, int from, int to, IntBuffer after) {
    byte kind = delta.get();
    if (kind == SAME) {
      for (int i = from; i < to; i++) {
        after.put(i, before.get(i));
      }
      return;
    }
    if (kind != CHANGED) {
      throw new IllegalArgumentException("a block of the delta has the unknown kind " + kind);
    }
    int codes = delta.position();
    int at = codes + (to - from + 3) / 4;
    for (int i = from; i < to; i++) {
      int code = delta.get(codes + (i - from) / 4) >>> 2 * (i - from & 3) & 3;
      int folded = 0;
      for (int k = 0; k < BYTES[code]; k++) {
        folded |= (delta.get(at++) & 0xff) << 8 * k;
      }
      after.put(i, before.get(i) + (folded >>> 1 ^ -(folded & 1)));
    }
    delta.position(at);
  }

  private static void requireSame(int before, int after) {
    if (before != after) {
      throw new IllegalArgumentException(
          "a delta between %d and %d elements".formatted(before, after));
    }
  }
}

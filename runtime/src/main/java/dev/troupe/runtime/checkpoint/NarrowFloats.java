package dev.troupe.runtime.checkpoint;

import java.nio.ShortBuffer;

/** Single precision to and from the two 16-bit floating-point formats, rounding ties to even. */
public final class NarrowFloats {
  private static final int SIGN = 0x8000_0000;
  private static final int MAGNITUDE = 0x7fff_ffff;
  private static final int F32_INFINITY = 0x7f80_0000;

  /**
   * 65520, halfway between the largest half 65504 and the next power of two: rounds to infinity.
   */
  private static final int F16_OVERFLOW = Float.floatToRawIntBits(65520f);

  /** 2^-14, the smallest normal half. */
  private static final int F16_SMALLEST_NORMAL = Float.floatToRawIntBits(0x1p-14f);

  /**
   * Exponent bias of a single less that of a half, (127 - 15), at the place of a single's exponent.
   */
  private static final int REBIAS = 112 << 23;

  private NarrowFloats() {}

  static void getBf16(ShortBuffer source, float[] target) {
    for (int i = 0; i < target.length; i++) {
      target[i] = fromBf16(source.get(i));
    }
  }

  static void putBf16(float[] source, ShortBuffer target) {
    for (int i = 0; i < source.length; i++) {
      target.put(i, toBf16(source[i]));
    }
  }

  static void getF16(ShortBuffer source, float[] target) {
    for (int i = 0; i < target.length; i++) {
      target[i] = fromF16(source.get(i));
    }
  }

  static void putF16(float[] source, ShortBuffer target) {
    for (int i = 0; i < source.length; i++) {
      target.put(i, toF16(source[i]));
    }
  }

  static float fromBf16(short half) {
    return Float.intBitsToFloat(half << 16);
  }

  static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & MAGNITUDE) > F32_INFINITY) {
      // Rounding could carry a NaN into infinity; keep its upper payload and make it quiet.
      return (short) ((bits >>> 16) | 0x0040);
    }
    // Just below one half of the last kept place, and exactly one half if that place is odd.
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  static float fromF16(short half) {
    int sign = (half & 0x8000) << 16;
    int magnitude = half & 0x7fff;
    if (magnitude >= 0x7c00) {
      return Float.intBitsToFloat(sign | F32_INFINITY | (magnitude & 0x03ff) << 13);
    }
    if (magnitude < 0x0400) {
      // Zero and denormals count units of 2^-24, which a single represents exactly.
      return Float.intBitsToFloat(sign | Float.floatToRawIntBits(magnitude * 0x1p-24f));
    }
    return Float.intBitsToFloat(sign | (magnitude << 13) + REBIAS);
  }

  /** The nearest half, ties to even; beyond 65504 infinite. */
  public static short toF16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits & SIGN) >>> 16;
    int magnitude = bits & MAGNITUDE;
    if (magnitude > F32_INFINITY) {
      return (short) (sign | 0x7e00 | (magnitude >>> 13) & 0x03ff);
    }
    if (magnitude >= F16_OVERFLOW) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < F16_SMALLEST_NORMAL) {
      // rint rounds ties to even; a result of 1024 units is the smallest normal, as it should be.
      return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24));
    }
    int rounded = magnitude + 0x0fff + ((magnitude >>> 13) & 1);
    return (short) (sign | (rounded - REBIAS) >>> 13);
  }
}

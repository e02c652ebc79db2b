package dev.troupe.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NarrowFloatsTest {
  private static final int F16_INFINITY = 0x7c00;
  private static final int BF16_INFINITY = 0x7f80;
  private static final int SIGN = 0x8000;

  /** Provenance: {@code struct.pack('<e', value)} of Python 3.11. */
  @ParameterizedTest
  @CsvSource({
    "0.1, 2e66",
    "0.33333333, 3555",
    "1, 3c00",
    "-2, c000",
    "65504, 7bff",
    "0x1p-14, 0400",
    "0x1p-24, 0001",
    "-0.0, 8000",
    "Infinity, 7c00",
    "-Infinity, fc00"
  })
  void roundsToTheHalfThatOthersRoundTo(float value, String bits) {
    assertEquals(bits, hex(NarrowFloats.toF16(value)));
  }

  /** 0.1f is 0x3dcccccd: the upper half is 3dcc, and cccd of the lower half rounds it up. */
  @ParameterizedTest
  @CsvSource({
    "0.1, 3dcd",
    "1, 3f80",
    "-2, c000",
    "3.4028235e38, 7f80",
    "1.4e-45, 0000",
    "0x1p-133, 0001",
    "-0.0, 8000",
    "Infinity, 7f80",
    "-Infinity, ff80"
  })
  void roundsToTheNearestBrainFloat(float value, String bits) {
    assertEquals(bits, hex(NarrowFloats.toBf16(value)));
  }

  @Test
  void keepsEveryFiniteAndInfiniteHalfThroughASingle() {
    for (int bits = 0; bits <= F16_INFINITY; bits++) {
      assertEquals((short) bits, NarrowFloats.toF16(NarrowFloats.fromF16((short) bits)));
      short negative = (short) (bits | SIGN);
      assertEquals(negative, NarrowFloats.toF16(NarrowFloats.fromF16(negative)));
    }
  }

  @Test
  void keepsEveryFiniteAndInfiniteBrainFloatThroughASingle() {
    for (int bits = 0; bits <= BF16_INFINITY; bits++) {
      assertEquals((short) bits, NarrowFloats.toBf16(NarrowFloats.fromBf16((short) bits)));
      short negative = (short) (bits | SIGN);
      assertEquals(negative, NarrowFloats.toBf16(NarrowFloats.fromBf16(negative)));
    }
  }

  @Test
  void sendsEveryHalfwayCaseToTheEvenHalf() {
    for (int below = 0; below < F16_INFINITY; below++) {
      int above = below + 1;
      // For the purpose of rounding the value above the largest is the next power of two.
      double upper = above == F16_INFINITY ? 65_536 : NarrowFloats.fromF16((short) above);
      float middle = (float) ((NarrowFloats.fromF16((short) below) + upper) / 2);
      int even = (below & 1) == 0 ? below : above;
      assertEquals((short) even, NarrowFloats.toF16(middle), "halfway above " + below);
      assertEquals((short) below, NarrowFloats.toF16(Math.nextDown(middle)));
      assertEquals((short) above, NarrowFloats.toF16(Math.nextUp(middle)));
      assertEquals((short) (even | SIGN), NarrowFloats.toF16(-middle));
    }
  }

  @Test
  void sendsEveryHalfwayCaseToTheEvenBrainFloat() {
    for (int below = 0; below < BF16_INFINITY; below++) {
      int above = below + 1;
      float middle = Float.intBitsToFloat(below << 16 | 0x8000);
      int even = (below & 1) == 0 ? below : above;
      assertEquals((short) even, NarrowFloats.toBf16(middle), "halfway above " + below);
      assertEquals((short) below, NarrowFloats.toBf16(Math.nextDown(middle)));
      assertEquals((short) above, NarrowFloats.toBf16(Math.nextUp(middle)));
      assertEquals((short) (even | SIGN), NarrowFloats.toBf16(-middle));
    }
  }

  @Test
  void keepsNotANumberAsNotANumber() {
    // The payload of the first lies wholly in the bits that are cut off.
    for (int bits : new int[] {0x7f80_0001, 0x7fc0_0000, 0x7fff_ffff, 0xff80_0001, 0xffff_ffff}) {
      float nan = Float.intBitsToFloat(bits);
      assertTrue(Float.isNaN(NarrowFloats.fromF16(NarrowFloats.toF16(nan))));
      assertTrue(Float.isNaN(NarrowFloats.fromBf16(NarrowFloats.toBf16(nan))));
    }
    assertTrue(Float.isNaN(NarrowFloats.fromF16((short) 0x7c01)));
    assertTrue(Float.isNaN(NarrowFloats.fromBf16((short) 0xff81)));
  }

  private static String hex(short bits) {
    return "%04x".formatted(bits);
  }
}

package dev.troupe.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FloatDeltaTest {

  private static byte[] delta(int[] before, int[] after) {
    ByteBuffer target =
        ByteBuffer.allocate((int) FloatDelta.mostBytes(after.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    FloatDelta.write(IntBuffer.wrap(before), IntBuffer.wrap(after), target);
    return Arrays.copyOf(target.array(), target.position());
  }

  private static int[] after(int[] before, byte[] delta) {
    int[] after = new int[before.length];
    FloatDelta.apply(IntBuffer.wrap(before), ByteBuffer.wrap(delta), IntBuffer.wrap(after));
    return after;
  }

  @Test
  void hasTheBytesOfItsFormat() {
    int[] before = {5, 100, 7, 0, 9};
    int[] after = {5, 101, 6, 0x01000000, 9};

    // Differences 0, 1, -1, 2^24, 0 fold to 0, 2, 1, 2^25, 0: codes 0, 1, 1, 3, 0, so the bytes of
    // codes are 0b11010100 and 0; then two, two and four bytes.
    assertEquals("01" + "d400" + "0200" + "0100" + "00000002", hex(delta(before, after)));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void anUnchangedBlockIsOneByte() {
    int[] same = new Random(1).ints(3000).toArray();

    assertEquals("000000", hex(delta(same, same)));
    assertArrayEquals(same, after(same, delta(same, same)));
  }

  @Test
  void everyBitComesBackWhateverTheValues() {
    var random = new Random(2);
    int[] special = {
      Float.floatToRawIntBits(Float.NaN),
      0x7fc00001,
      0x80000000,
      0,
      Integer.MAX_VALUE,
      Integer.MIN_VALUE,
      Float.floatToRawIntBits(Float.POSITIVE_INFINITY),
      -1
    };
    for (int length : new int[] {0, 1, 3, 1023, 1024, 1025, 4099}) {
      int[] before = random.ints(length).toArray();
      int[] after = before.clone();
      for (int i = 0; i < length; i++) {
        after[i] =
            switch (random.nextInt(4)) {
              case 0 -> before[i];
              case 1 -> before[i] + random.nextInt(1 << 12);
              case 2 -> special[random.nextInt(special.length)];
              default -> random.nextInt();
            };
      }
      byte[] delta = delta(before, after);
      assertTrue(delta.length <= FloatDelta.mostBytes(length));
      assertArrayEquals(after, after(before, delta), "length " + length);
    }
  }

  @Test
  void smallStepsOfWeightsTakeLittleMoreThanHalf() {
    var random = new Random(3);
    int[] before = new int[100_000];
    int[] after = new int[before.length];
    for (int i = 0; i < before.length; i++) {
      float weight = (float) (0.02 * random.nextGaussian());
      before[i] = Float.floatToRawIntBits(weight);
      after[i] = Float.floatToRawIntBits(weight + 1e-6f * (random.nextBoolean() ? 1 : -1));
    }
    double share = delta(before, after).length / (4.0 * before.length);

    // 2.25 bytes of 4 where two bytes are enough; three for the few weights near zero.
    assertTrue(share > 0.56 && share < 0.60, "share " + share);
  }

  @Test
  void refusesADeltaThatIsTooShortTooLongOrNone() {
    int[] before = {1, 2, 3};
    byte[] delta = delta(before, new int[] {1, 2, 4});

    for (byte[] wrong :
        new byte[][] {
          Arrays.copyOf(delta, delta.length - 1), Arrays.copyOf(delta, delta.length + 1), {7}, {}
        }) {
      assertThrows(IllegalArgumentException.class, () -> after(before, wrong), hex(wrong));
    }
  }
}

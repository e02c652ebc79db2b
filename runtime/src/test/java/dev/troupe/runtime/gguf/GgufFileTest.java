package dev.troupe.runtime.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.runtime.checkpoint.NarrowFloats;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
  @TempDir private Path folder;

  @Test
  void aFileHasTheBytesThatTheLayoutPrescribes() throws Exception {
    Path file = folder.resolve("tiny.gguf");
    GgufFile.write(
        file,
        new GgufMetadata().text("a", "b"),
        List.of(
            new GgufTensor("t", new long[] {1, 2}, GgufType.F32, () -> new float[] {1f, -2f}),
            new GgufTensor("u", new long[] {1}, GgufType.F16, () -> new float[] {0.5f})));

    // Written out by hand from the layout in ggml's gguf.h; numbers have the lowest byte first.
    String expected =
        ("47475546 03000000 0200000000000000 0200000000000000" // GGUF, 3, 2 tensors, 2 keys
                + "0100000000000000 61 08000000 0100000000000000 62" // "a", string, "b"
                + "1100000000000000" // "general.alignment" has 17 letters
                + "67656e6572616c2e616c69676e6d656e74 04000000 20000000" // uint32 32
                + "0100000000000000 74 02000000" // "t", two axes
                + "0200000000000000 0100000000000000" // the fastest axis first: 2, 1
                + "00000000 0000000000000000" // F32 at 0
                + "0100000000000000 75 01000000 0100000000000000" // "u", one axis of 1
                + "01000000 2000000000000000") // F16 at 32: eight bytes, aligned
            .replace(" ", "");
    int head = expected.length() / 2; // 24 + 22 + 33 + 41 + 33 = 153
    assertEquals(153, head);
    String zeros = "00";
    expected += zeros.repeat(160 - 153); // the next multiple of 32
    expected += "0000803f000000c0" + zeros.repeat(24); // 1 and -2
    expected += "0038" + zeros.repeat(30); // 0.5 as half: sign 0, exponent 14, fraction 0
    assertEquals(expected, HexFormat.of().formatHex(Files.readAllBytes(file)));
  }

  @Test
  void aBlockOfEightBitsHasTheScaleOfItsLargestNumberAndRoundsHalvesAwayFromZero() {
    float[] values = new float[32];
    values[0] = -127; // the scale is 127 / 127 = 1
    values[1] = 2.5f; // 3
    values[2] = -2.5f; // -3
    values[3] = 0.49f; // 0
    values[31] = 126.6f; // 127
    ByteBuffer block = ByteBuffer.allocate(34).order(ByteOrder.LITTLE_ENDIAN);
    GgufType.Q8_0.encode(values, 0, 32, block);

    byte[] expected = new byte[34];
    expected[1] = 0x3c; // 1 as half is 0x3c00
    expected[2] = -127;
    expected[3] = 3;
    expected[4] = -3;
    expected[33] = 127;
    assertArrayEquals(expected, block.array());
    assertEquals(34, GgufType.Q8_0.bytes(32));
  }

  @Test
  void aBlockIsDividedByTheUnroundedScaleAndZerosStayZeros() {
    float[] values = new float[64];
    for (int i = 0; i < 32; i++) {
      values[i] = (i - 16) * 0.1f;
    }
    ByteBuffer blocks = ByteBuffer.allocate(68).order(ByteOrder.LITTLE_ENDIAN);
    GgufType.Q8_0.encode(values, 0, 64, blocks);

    // The largest is 1.6: scale 1.6 / 127 = 0.0125984, as half 0.012596; -1.6 / scale = -127,
    // 0.1 / scale = 7.9375, so 8, and 1.5 / scale = 119.06, so 119.
    assertEquals(NarrowFloats.toF16(1.6f / 127), blocks.getShort(0));
    assertEquals(-127, blocks.get(2));
    assertEquals(8, blocks.get(2 + 17));
    assertEquals(119, blocks.get(2 + 31));
    for (int i = 34; i < 68; i++) {
      assertEquals(0, blocks.get(i));
    }
  }
}

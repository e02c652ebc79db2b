package dev.troupe.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightsDigestTest {
  private static final HostTensor BYTE =
      new HostTensor("a", TensorType.U8, new long[0], ByteBuffer.wrap(new byte[] {7}));
  private static final HostTensor PAIR = HostTensor.of("b.weight", new float[] {1f, -2f}, 2, 1);

  /**
   * Provenance: Python 3.11, hashlib.sha256 of pack('&lt;i1si2si', 1, b'a', 2, b'U8', 0) + b'\7' +
   * pack('&lt;i8si3siqq2f', 8, b'b.weight', 3, b'F32', 2, 2, 1, 1.0, -2.0).
   */
  private static final String GOLDEN =
      "1a29e301d5fa34ada013e34fd7735c518b79baddea90c5b19eed10eef02e7be5";

  @Test
  void agreesWithAnIndependentImplementation() {
    assertEquals(GOLDEN, WeightsDigest.of(List.of(BYTE, PAIR)));
  }

  @Test
  void doesNotDependOnTheOrderOrTheKindOfMemory() {
    ByteBuffer heap = ByteBuffer.allocate(8).put(PAIR.data()).flip();
    var copied = new HostTensor("b.weight", TensorType.F32, new long[] {2, 1}, heap);
    assertEquals(GOLDEN, WeightsDigest.of(List.of(copied, BYTE)));
  }

  @Test
  void changesWithNameTypeShapeAndEveryBit() {
    for (HostTensor other :
        List.of(
            PAIR.renamed("c.weight"),
            new HostTensor("b.weight", TensorType.I32, new long[] {2, 1}, PAIR.data()),
            new HostTensor("b.weight", TensorType.F32, new long[] {1, 2}, PAIR.data()),
            HostTensor.of("b.weight", new float[] {1f, Math.nextUp(-2f)}, 2, 1))) {
      assertNotEquals(GOLDEN, WeightsDigest.of(List.of(BYTE, other)), other.toString());
    }
  }

  @Test
  void refusesTwoTensorsOfOneName() {
    assertThrows(CheckpointException.class, () -> WeightsDigest.of(List.of(BYTE, BYTE)));
  }
}

package dev.troupe.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostTensorTest {
  @Test
  void storesLittleEndianWhateverTheOrderOfTheCallersBuffer() {
    var tensor = HostTensor.of("x", new float[] {1f}, 1);
    // 1f is 0x3f800000
    assertEquals(0x3f, tensor.data().get(3));
    assertEquals(ByteOrder.LITTLE_ENDIAN, tensor.data().order());
    assertTrue(tensor.data().isReadOnly() && tensor.data().isDirect());
  }

  @Test
  void convertsTheNarrowTypesExactly() {
    float[] values = {0f, -1.5f, 0.15625f, Float.POSITIVE_INFINITY};
    for (TensorType dtype : List.of(TensorType.F32, TensorType.F16, TensorType.BF16)) {
      var tensor = HostTensor.of("x", dtype, values, 2, 2);
      assertEquals(4 * dtype.bytes(), tensor.bytes());
      assertArrayEquals(values, tensor.toFloats());
    }
  }

  @Test
  void refusesToConvertIntegers() {
    var tensor = new HostTensor("ids", TensorType.U8, new long[] {2}, ByteBuffer.allocate(2));
    var failure = assertThrows(IllegalArgumentException.class, tensor::toFloats);
    assertEquals(
        "tensor ids has type U8, which is not one of F32, F16, BF16", failure.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> HostTensor.of("ids", TensorType.I32, new float[] {1f}, 1));
  }

  @Test
  void refusesBytesThatDoNotFillTheShape() {
    var failure =
        assertThrows(IllegalArgumentException.class, () -> HostTensor.of("x", new float[3], 2, 2));
    assertEquals(
        "tensor x of type F32 and shape [2, 2] needs 16 bytes, found 12", failure.getMessage());
  }

  @Test
  void givesEveryCallerItsOwnPositionAndShape() {
    var tensor = HostTensor.of("x", new float[] {1f, 2f}, 2);
    tensor.data().getFloat();
    tensor.shape()[0] = 9;
    assertEquals(8, tensor.data().remaining());
    assertArrayEquals(new long[] {2}, tensor.shape());
  }

  @Test
  void takesOnlyTheRemainingBytesOfABuffer() {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {9, 1, 2, 9}).position(1).limit(3);
    var tensor = new HostTensor("x", TensorType.U8, new long[] {2}, bytes);
    assertEquals(ByteBuffer.wrap(new byte[] {1, 2}), tensor.data());
  }

  @Test
  void isEqualByNameTypeShapeAndBytes() {
    var tensor = HostTensor.of("x", new float[] {1f, 2f}, 2);
    assertEquals(HostTensor.of("x", new float[] {1f, 2f}, 2), tensor);
    assertEquals(HostTensor.of("x", new float[] {1f, 2f}, 2).hashCode(), tensor.hashCode());
    assertNotEquals(HostTensor.of("x", new float[] {1f, 2f}, 2, 1), tensor);
    assertNotEquals(HostTensor.of("x", new float[] {1f, 3f}, 2), tensor);
    assertNotEquals(tensor.renamed("y"), tensor);
  }

  @Test
  void countsAScalarAsOneElementAndAnEmptyTensorAsNone() {
    assertEquals(1, HostTensor.of("x", new float[1]).elements());
    assertEquals(0, HostTensor.of("x", new float[0], 0, 3).elements());
  }

  @Test
  void refusesTwoTensorsOfOneName() {
    var tensor = HostTensor.of("x", new float[1], 1);
    assertThrows(CheckpointException.class, () -> HostTensor.byName(List.of(tensor, tensor)));
  }
}

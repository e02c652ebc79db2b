package dev.troupe.runtime.gguf;

import dev.troupe.runtime.checkpoint.NarrowFloats;
import java.nio.ByteBuffer;

/** How the numbers of a tensor are stored; the constant's name is that of ggml. */
public enum GgufType {
  /** IEEE 754 single precision. */
  F32(0, 0, 1, Float.BYTES),
  /** IEEE 754 half precision. */
  F16(1, 1, 1, Short.BYTES),
  /** Blocks of 32 signed bytes behind their common scale in half precision, 8.5 bits a number. */
  Q8_0(8, 7, 32, Short.BYTES + 32);

  private static final float LARGEST = 127;

  private final int code;
  private final int fileCode;
  private final int blockElements;
  private final int blockBytes;

  GgufType(int code, int fileCode, int blockElements, int blockBytes) {
    this.code = code;
    this.fileCode = fileCode;
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  /** The number of the type in {@code ggml_type}. */
  int code() {
    return code;
  }

  /** The number in {@code llama_ftype} of a file most of whose tensors have this type. */
  int fileCode() {
    return fileCode;
  }

  /** Consecutive numbers of one row that are stored together. */
  int blockElements() {
    return blockElements;
  }

  /** Bytes of that many numbers, a multiple of the block. */
  long bytes(long elements) {
    return elements / blockElements * blockBytes;
  }

  /**
   * Appends numbers.
   *
   * @param values their range {@code [from, to)} is a multiple of the block
   * @param target little-endian, with room for {@link #bytes} of them
   */
  void encode(float[] values, int from, int to, ByteBuffer target) {
    for (int at = from; at < to; at += blockElements) {
      switch (this) {
        case F32 -> target.putFloat(values[at]);
        case F16 -> target.putShort(NarrowFloats.toF16(values[at]));
        case Q8_0 -> encodeBlock(values, at, target);
      }
    }
  }

  /**
   * One block as ggml defines it: the scale is the largest magnitude over 127, and a number is the
   * integer nearest to itself over the unrounded scale, halves away from zero.
   */
  private void encodeBlock(float[] values, int from, ByteBuffer target) {
    float largest = 0;
    for (int i = from; i < from + blockElements; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    float scale = largest / LARGEST;
    float inverse = scale == 0 ? 0 : 1 / scale;
    target.putShort(NarrowFloats.toF16(scale));
    for (int i = from; i < from + blockElements; i++) {
      target.put((byte) nearest(values[i] * inverse));
    }
  }

  private static int nearest(float value) {
    int whole = (int) value;
    float rest = value - whole;
    return Math.abs(rest) >= 0.5f ? whole + (int) Math.signum(rest) : whole;
  }
}

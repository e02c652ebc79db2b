package dev.troupe.runtime.checkpoint;

import java.util.Arrays;
import java.util.Optional;

/** The element types a checkpoint may hold; the constant's name is the safetensors name. */
public enum TensorType {
  /** IEEE 754 single precision. */
  F32(4),
  /** IEEE 754 double precision: state of a search, never weights. */
  F64(8),
  /** IEEE 754 half precision: 5 bits of exponent, 10 of fraction. */
  F16(2),
  /** The upper half of a single: 8 bits of exponent, 7 of fraction. */
  BF16(2),
  /** Signed 64-bit integer. */
  I64(8),
  /** Signed 32-bit integer. */
  I32(4),
  /** Unsigned byte. */
  U8(1);

  private final int bytes;

  TensorType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether the elements are floating-point numbers of a type that weights can have. */
  public boolean isFloating() {
    return this == F32 || this == F16 || this == BF16;
  }

  /** The type of that safetensors name, or empty for one that is not supported. */
  public static Optional<TensorType> named(String name) {
    return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
  }
}

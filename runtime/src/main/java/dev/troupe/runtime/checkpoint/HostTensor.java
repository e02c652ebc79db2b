package dev.troupe.runtime.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A named tensor in host memory, row-major and contiguous. The bytes are viewed, not copied: they
 * may be a mapped file or the caller's buffer, and whoever made the tensor must leave them
 * unchanged.
 *
 * @param name the Hugging Face name, such as {@code model.norm.weight}
 * @param dtype type of the elements
 * @param shape sizes of the axes, slowest first; empty for a scalar
 * @param data the elements in little-endian order; always a read-only view of its own, positioned
 *     at the first element
 */
public record HostTensor(String name, TensorType dtype, long[] shape, ByteBuffer data) {

  /** Takes a view of {@code data} from position to limit, which must hold exactly the elements. */
  public HostTensor {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(dtype, "dtype");
    shape = shape.clone();
    data = data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long expected = Math.multiplyExact(elements(name, shape), dtype.bytes());
    if (data.remaining() != expected) {
      throw new IllegalArgumentException(
          "tensor %s of type %s and shape %s needs %d bytes, found %d"
              .formatted(name, dtype, Arrays.toString(shape), expected, data.remaining()));
    }
  }

  /** A single-precision tensor with a copy of the values in memory of its own (direct). */
  public static HostTensor of(String name, float[] values, long... shape) {
    return of(name, TensorType.F32, values, shape);
  }

  /**
   * A tensor with the values converted to a floating-point type, ties to even, in memory of its own
   * (direct). Values beyond the type's range become infinite.
   */
  public static HostTensor of(String name, TensorType dtype, float[] values, long... shape) {
    ByteBuffer data =
        ByteBuffer.allocateDirect(Math.multiplyExact(values.length, dtype.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    switch (dtype) {
      case F32 -> data.asFloatBuffer().put(values);
      case F16 -> NarrowFloats.putF16(values, data.asShortBuffer());
      case BF16 -> NarrowFloats.putBf16(values, data.asShortBuffer());
      case F64, I64, I32, U8 -> throw notFloating(name, dtype);
    }
    return new HostTensor(name, dtype, shape, data);
  }

  /** A double-precision tensor with a copy of the values in memory of its own (direct). */
  public static HostTensor of(String name, double[] values, long... shape) {
    ByteBuffer data =
        ByteBuffer.allocateDirect(Math.multiplyExact(values.length, Double.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    data.asDoubleBuffer().put(values);
    return new HostTensor(name, TensorType.F64, shape, data);
  }

  /** A copy of the sizes of the axes. */
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /**
   * A fresh read-only little-endian view of all the bytes; its position is the caller's to move.
   */
  @Override
  public ByteBuffer data() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Number of elements; 1 for a scalar. */
  public long elements() {
    return elements(name, shape);
  }

  /** Number of bytes. */
  public int bytes() {
    return data.remaining();
  }

  /**
   * The elements of a floating-point tensor, converted exactly to single precision.
   *
   * @throws IllegalArgumentException if the tensor holds integers
   */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(elements())];
    switch (dtype) {
      case F32 -> data().asFloatBuffer().get(values);
      case F16 -> NarrowFloats.getF16(data().asShortBuffer(), values);
      case BF16 -> NarrowFloats.getBf16(data().asShortBuffer(), values);
      case F64, I64, I32, U8 -> throw notFloating(name, dtype);
    }
    return values;
  }

  /**
   * The elements of a double-precision tensor.
   *
   * @throws IllegalArgumentException if the tensor is of another type
   */
  public double[] toDoubles() {
    if (dtype != TensorType.F64) {
      throw new IllegalArgumentException(
          "tensor " + name + " has type " + dtype + ", which is not F64");
    }
    double[] values = new double[Math.toIntExact(elements())];
    data().asDoubleBuffer().get(values);
    return values;
  }

  /**
   * The tensors in the order of their names.
   *
   * @throws CheckpointException if two of them have the same name
   */
  public static SortedMap<String, HostTensor> byName(Collection<HostTensor> tensors) {
    var byName = new TreeMap<String, HostTensor>();
    for (HostTensor tensor : tensors) {
      HostTensor other = byName.put(tensor.name(), tensor);
      if (other != null) {
        throw new CheckpointException("two tensors have the same name: " + other + ", " + tensor);
      }
    }
    return byName;
  }

  /** The same bytes under another name. */
  public HostTensor renamed(String newName) {
    return new HostTensor(newName, dtype, shape, data);
  }

  /** Equal name, type, shape and bytes. */
  @Override
  public boolean equals(Object other) {
    return other instanceof HostTensor that
        && name.equals(that.name)
        && dtype == that.dtype
        && Arrays.equals(shape, that.shape)
        && data.equals(that.data);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, dtype, Arrays.hashCode(shape));
  }

  /** Name, type and shape, never the values. */
  @Override
  public String toString() {
    return name + " " + dtype + " " + Arrays.toString(shape);
  }

  private static long elements(String name, long[] shape) {
    long elements = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException(
            "tensor " + name + " has a negative size in its shape " + Arrays.toString(shape));
      }
      elements = Math.multiplyExact(elements, size);
    }
    return elements;
  }

  private static IllegalArgumentException notFloating(String name, TensorType dtype) {
    return new IllegalArgumentException(
        "tensor " + name + " has type " + dtype + ", which is not one of F32, F16, BF16");
  }
}

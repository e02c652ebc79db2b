package dev.troupe.runtime.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;

/**
 * The identity of a set of weights: SHA-256 over every tensor in the order of the names (by UTF-16
 * unit), each as name, type, shape, bytes. Names and types are UTF-8 behind their length in bytes,
 * the shape stands behind its rank; lengths and rank are 32-bit, sizes 64-bit, all little-endian,
 * so no two different sets run together into the same stream.
 */
public final class WeightsDigest {
  private WeightsDigest() {}

  /**
   * Digest of the tensors, whatever order they come in.
   *
   * @return 64 lower-case hexadecimal digits
   * @throws CheckpointException if two tensors have the same name
   */
  public static String of(Collection<HostTensor> tensors) {
    return of(new Sha256(), tensors);
  }

  /**
   * Digest of tensors that belong to others whose digest is known: that of the known digest, as
   * UTF-8, followed by the tensors as in {@link #of(Collection)}.
   *
   * @param base 64 lower-case hexadecimal digits
   * @return 64 lower-case hexadecimal digits
   * @throws CheckpointException if two tensors have the same name
   */
  public static String of(String base, Collection<HostTensor> tensors) {
    var sha = new Sha256();
    sha.update(ByteBuffer.wrap(base.getBytes(StandardCharsets.UTF_8)));
    return of(sha, tensors);
  }

  private static String of(Sha256 sha, Collection<HostTensor> tensors) {
    for (HostTensor tensor : HostTensor.byName(tensors).values()) {
      sha.update(frame(tensor));
      sha.update(tensor.data());
    }
    return sha.hex();
  }

  private static ByteBuffer frame(HostTensor tensor) {
    byte[] name = tensor.name().getBytes(StandardCharsets.UTF_8);
    byte[] type = tensor.dtype().name().getBytes(StandardCharsets.UTF_8);
    long[] shape = tensor.shape();
    ByteBuffer frame =
        ByteBuffer.allocate(
                3 * Integer.BYTES + name.length + type.length + shape.length * Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    frame.putInt(name.length).put(name).putInt(type.length).put(type).putInt(shape.length);
    for (long size : shape) {
      frame.putLong(size);
    }
    return frame.flip();
  }
}

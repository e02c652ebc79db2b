package dev.troupe.runtime.gguf;

import dev.troupe.runtime.checkpoint.Aside;
import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.gguf.GgufMetadata.LittleEndian;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes the container: magic, version, counts, metadata, the list of tensors with their places,
 * and their bytes, each tensor at a multiple of 32.
 */
final class GgufFile {
  static final int VERSION = 3;
  static final int ALIGNMENT = 32;

  private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

  /** Numbers that are encoded at a time; a multiple of every block. */
  private static final int CHUNK = 1 << 18;

  private GgufFile() {}

  /**
   * Writes a file; it appears under its name complete and synchronized to the disk, replacing one
   * of that name.
   *
   * @throws CheckpointException if it cannot be written
   */
  static void write(Path file, GgufMetadata metadata, List<GgufTensor> tensors) {
    metadata.count("general.alignment", ALIGNMENT);
    ByteBuffer head = ByteBuffer.wrap(head(metadata, tensors));
    try {
      Aside.file(
          file,
          channel -> {
            writeFully(channel, head);
            for (GgufTensor tensor : tensors) {
              write(channel, tensor);
            }
          });
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + file + ": " + e, e);
    }
  }

  private static byte[] head(GgufMetadata metadata, List<GgufTensor> tensors) {
    var head = new LittleEndian();
    head.raw(MAGIC);
    head.uint32(VERSION);
    head.uint64(tensors.size());
    head.uint64(metadata.size());
    head.raw(metadata.toBytes());
    long offset = 0;
    for (GgufTensor tensor : tensors) {
      head.text(tensor.name());
      long[] shape = tensor.shape();
      head.uint32(shape.length);
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        head.uint64(shape[axis]);
      }
      head.uint32(tensor.type().code());
      head.uint64(offset);
      offset += aligned(tensor.bytes());
    }
    head.raw(new byte[(int) (aligned(head.size()) - head.size())]);
    return head.toBytes();
  }

  private static void write(FileChannel channel, GgufTensor tensor) throws IOException {
    float[] values = tensor.values().get();
    if (values.length != tensor.elements()) {
      throw new IllegalArgumentException(
          "tensor %s has %d values instead of %d"
              .formatted(tensor.name(), values.length, tensor.elements()));
    }
    GgufType type = tensor.type();
    ByteBuffer chunk =
        ByteBuffer.allocateDirect((int) type.bytes(CHUNK)).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < values.length; from += CHUNK) {
      chunk.clear();
      type.encode(values, from, Math.min(values.length, from + CHUNK), chunk);
      writeFully(channel, chunk.flip());
    }
    writeFully(channel, ByteBuffer.allocate((int) (aligned(tensor.bytes()) - tensor.bytes())));
  }

  private static void writeFully(FileChannel channel, ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      channel.write(source);
    }
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}

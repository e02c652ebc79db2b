package dev.troupe.runtime.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads and writes the safetensors format: eight bytes of header length (little-endian), a JSON
 * header, the bytes of the tensors.
 */
public final class Safetensors {
  private static final int LENGTH_BYTES = Long.BYTES;

  /** The limit of the reference reader, which keeps a corrupt length from exhausting the memory. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  /** Keeps the JDK's temporary direct copy of a heap buffer small. */
  private static final int WRITE_BYTES = 8 << 20;

  private Safetensors() {}

  /**
   * Maps every tensor of a file, each by itself, so that files may be larger than 2 GiB and a
   * tensor's pages are released when the tensor is no longer reachable. The file must not be
   * changed in place meanwhile; replacing it by a rename, as {@link #write} does, is safe.
   *
   * @return the tensors in the order of their names
   * @throws CheckpointException if the file is missing, truncated or contradicts itself
   */
  public static SortedMap<String, HostTensor> read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer json = readHeader(file, channel);
      long dataStart = (long) LENGTH_BYTES + json.capacity();
      var header = SafetensorsHeader.parse(file, json.array(), channel.size() - dataStart);
      var tensors = new TreeMap<String, HostTensor>();
      for (SafetensorsHeader.Entry entry : header.entries()) {
        ByteBuffer data =
            channel.map(MapMode.READ_ONLY, dataStart + entry.begin(), entry.end() - entry.begin());
        tensors.put(entry.name(), new HostTensor(entry.name(), entry.dtype(), entry.shape(), data));
      }
      return Collections.unmodifiableSortedMap(tensors);
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e, e);
    }
  }

  /**
   * Reads only the free metadata of a file, empty if it has none.
   *
   * @throws CheckpointException as {@link #read} does
   */
  public static SortedMap<String, String> readMetadata(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer json = readHeader(file, channel);
      long dataBytes = channel.size() - LENGTH_BYTES - json.capacity();
      return SafetensorsHeader.parse(file, json.array(), dataBytes).metadata();
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e, e);
    }
  }

  /**
   * Writes a file whose bytes depend on the tensors and the metadata alone, not on their order. It
   * appears under its name complete and synchronized to the disk, replacing one of that name.
   *
   * @throws CheckpointException if two tensors have the same name or the file cannot be written
   */
  public static void write(
      Path file, Collection<HostTensor> tensors, Map<String, String> metadata) {
    var header = SafetensorsHeader.layOut(tensors, metadata);
    SortedMap<String, HostTensor> byName = HostTensor.byName(tensors);
    byte[] json = header.toJson();
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(json.length).flip();
    try {
      Aside.file(
          file,
          channel -> {
            writeFully(channel, length);
            writeFully(channel, ByteBuffer.wrap(json));
            for (SafetensorsHeader.Entry entry : header.entries()) {
              writeFully(channel, byName.get(entry.name()).data());
            }
          });
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + file + ": " + e, e);
    }
  }

  private static ByteBuffer readHeader(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < LENGTH_BYTES) {
      throw new CheckpointException(
          "%s: a safetensors file has at least %d bytes, found %d"
              .formatted(file, LENGTH_BYTES, size));
    }
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, length);
    long headerBytes = length.getLong(0);
    long available = Math.min(size - LENGTH_BYTES, MAX_HEADER_BYTES);
    if (headerBytes < 0 || headerBytes > available) {
      throw new CheckpointException(
          "%s: header length %d is outside [0, %d]; the file is truncated or not safetensors"
              .formatted(file, headerBytes, available));
    }
    ByteBuffer json = ByteBuffer.allocate((int) headerBytes);
    readFully(channel, json);
    return json;
  }

  private static void readFully(FileChannel channel, ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      if (channel.read(target) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer source) throws IOException {
    int end = source.limit();
    while (source.position() < end) {
      source.limit(Math.min(end - source.position(), WRITE_BYTES) + source.position());
      channel.write(source);
    }
  }
}

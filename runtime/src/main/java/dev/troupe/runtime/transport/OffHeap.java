package dev.troupe.runtime.transport;

import com.sun.jna.Memory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Native memory that the virtual machine's limits on heap and direct buffers do not count. */
final class OffHeap implements AutoCloseable {
  private static final long LARGEST_PIECE = 1L << 30;

  private final List<Memory> blocks = new ArrayList<>();
  private final Segments segments;

  private OffHeap(long bytes) {
    var pieces = new ArrayList<ByteBuffer>();
    for (long from = 0; from < bytes; from += LARGEST_PIECE) {
      long size = Math.min(LARGEST_PIECE, bytes - from);
      var block = new Memory(size);
      blocks.add(block);
      pieces.add(block.getByteBuffer(0, size));
    }
    segments = Segments.of(pieces);
  }

  /**
   * @throws OutOfMemoryError if the system does not give as much
   */
  static OffHeap allocate(long bytes) {
    return new OffHeap(bytes);
  }

  /** Valid until this is closed; reading on crashes the process. */
  Segments segments() {
    return segments;
  }

  @Override
  public void close() {
    blocks.forEach(Memory::close);
    blocks.clear();
  }
}

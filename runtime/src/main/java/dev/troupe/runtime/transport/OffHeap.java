package dev.troupe.runtime.transport;

import com.sun.jna.Memory;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Native memory that the virtual machine's limits on heap and direct buffers do not count. What was
 * freed is kept for the next one of its size, since fresh pages cost as much as a transfer through
 * shared memory, and the versions of a run are all of one size.
 */
final class OffHeap implements AutoCloseable {
  private static final long LARGEST_PIECE = 1L << 30;

  private final List<Memory> blocks = new ArrayList<>();
  private final Segments segments;
  private final Pool pool;
  private boolean isIdle;

  private OffHeap(long bytes, Pool pool) {
    this.pool = pool;
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
    return new OffHeap(bytes, null);
  }

  /** Freed memory of a data plane that waits for its next use. Safe for use by several threads. */
  static final class Pool implements AutoCloseable {
    private static final int MOST = 2;
    private static final long SMALLEST = 1 << 20;

    private final Deque<OffHeap> idle = new ArrayDeque<>();
    private boolean isClosed;

    /**
     * Memory with whatever was in it before.
     *
     * @throws OutOfMemoryError if the system does not give as much
     */
    synchronized OffHeap take(long bytes) {
      for (OffHeap memory : idle) {
        if (memory.segments.length() == bytes) {
          idle.remove(memory);
          memory.isIdle = false;
          return memory;
        }
      }
      return new OffHeap(bytes, this);
    }

    private synchronized void giveBack(OffHeap memory) {
      if (isClosed || memory.segments.length() < SMALLEST) {
        memory.free();
      } else if (!memory.isIdle) {
        memory.isIdle = true;
        idle.addFirst(memory);
        if (idle.size() > MOST) {
          idle.removeLast().free();
        }
      }
    }

    @Override
    public synchronized void close() {
      isClosed = true;
      idle.forEach(OffHeap::free);
      idle.clear();
    }
  }

  /** Valid until this is closed; reading on crashes the process. */
  Segments segments() {
    return segments;
  }

  /** Gives it back to its pool, if it has one, or to the system. */
  @Override
  public void close() {
    if (pool == null) {
      free();
    } else {
      pool.giveBack(this);
    }
  }

  private void free() {
    blocks.forEach(Memory::close);
    blocks.clear();
  }
}

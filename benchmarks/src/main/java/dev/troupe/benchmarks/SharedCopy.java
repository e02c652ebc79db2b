package dev.troupe.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The least that two processes of a host can do: one copies into a mapped file, the other one out
 * of it, and follows the mark of what is there. Nothing is checked.
 */
final class SharedCopy {
  private static final int STEP = 1 << 20;

  private final int bytes;
  private final UnsafeBuffer shared;
  private final IdleStrategy idle = new BackoffIdleStrategy(10, 20, 1_000, 100_000);
  private long turn;

  SharedCopy(Path file, int bytes) throws IOException {
    this.bytes = bytes;
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes + 64L);
      this.shared = new UnsafeBuffer(mapped);
    }
  }

  private static long mark(long turn, int bytes) {
    return turn << Integer.SIZE | bytes;
  }

  void send(ByteBuffer source) {
    turn++;
    for (int at = 0; at < bytes; at += STEP) {
      int length = Math.min(STEP, bytes - at);
      shared.putBytes(at, source, at, length);
      shared.putLongRelease(bytes, mark(turn, at + length));
    }
  }

  void receive(ByteBuffer target) {
    turn++;
    int at = 0;
    while (at < bytes) {
      int there = (int) Math.max(0, shared.getLongVolatile(bytes) - mark(turn, 0));
      if (there > at) {
        shared.getBytes(at, target, at, there - at);
        at = there;
        idle.reset();
      } else {
        idle.idle();
      }
    }
  }
}

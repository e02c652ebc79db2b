package dev.troupe.runtime.transport;

import java.util.concurrent.atomic.AtomicLongArray;

/** The counts of a data plane: one thread writes, any thread reads. */
final class Tally {
  private final AtomicLongArray counts = new AtomicLongArray(PlaneCount.values().length);

  void add(PlaneCount count) {
    add(count, 1);
  }

  void add(PlaneCount count, long amount) {
    counts.getAndAdd(count.ordinal(), amount);
  }

  long get(PlaneCount count) {
    return counts.get(count.ordinal());
  }
}

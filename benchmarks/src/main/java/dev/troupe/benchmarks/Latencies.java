package dev.troupe.benchmarks;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counts durations by the microsecond, up to a tenth of a second; safe for several threads. */
final class Latencies {
  private static final int BUCKETS = 100_000;
  private static final long NANOS_A_MICRO = 1000;

  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS + 1);

  void add(long nanos) {
    counts.incrementAndGet((int) Math.min(BUCKETS, nanos / NANOS_A_MICRO));
  }

  void clear() {
    for (int i = 0; i <= BUCKETS; i++) {
      counts.set(i, 0);
    }
  }

  /** The duration, in milliseconds, that this share of all does not exceed. */
  double percentile(double share) {
    long all = 0;
    for (int i = 0; i <= BUCKETS; i++) {
      all += counts.get(i);
    }
    long rank = (long) Math.ceil(share * all);
    long seen = 0;
    for (int i = 0; i <= BUCKETS; i++) {
      seen += counts.get(i);
      if (seen >= rank) {
        return (i + 1) / 1000.0;
      }
    }
    return Double.NaN;
  }
}

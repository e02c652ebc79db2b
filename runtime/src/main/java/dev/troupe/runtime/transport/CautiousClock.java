package dev.troupe.runtime.transport;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.agrona.concurrent.EpochClock;

/**
 * The time of day for a media driver, which takes a client for dead whose last sign of life is too
 * long ago by the wall clock. When that jumps forwards, all signs of life are suddenly old; so the
 * driver follows such a jump only when its clients had time to give new ones. A jump backwards
 * makes signs of life come from the future, which does no harm, and is followed at once.
 */
final class CautiousClock implements EpochClock {
  /** Clients give a sign of life twice a second. */
  private static final long CAUTION_MS = 5_000;

  /** How far the two clocks may drift apart between two looks; less than any timeout. */
  private static final long DRIFT_MS = 100;

  private final LongSupplier wallMs;
  private final LongSupplier steadyMs;
  private long ahead;
  private long agreedMs;

  CautiousClock() {
    this(System::currentTimeMillis, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
  }

  /**
   * @param wallMs the clock that may jump
   * @param steadyMs the one that does not
   */
  CautiousClock(LongSupplier wallMs, LongSupplier steadyMs) {
    this.wallMs = wallMs;
    this.steadyMs = steadyMs;
    this.agreedMs = steadyMs.getAsLong();
    this.ahead = wallMs.getAsLong() - agreedMs;
  }

  /** Milliseconds since 1970. Called by one thread. */
  @Override
  public long time() {
    long steady = steadyMs.getAsLong();
    long now = wallMs.getAsLong() - steady;
    if (now <= ahead + DRIFT_MS || steady - agreedMs > CAUTION_MS) {
      ahead = now;
      agreedMs = steady;
    }
    return steady + ahead;
  }
}

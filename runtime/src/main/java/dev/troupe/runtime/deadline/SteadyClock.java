package dev.troupe.runtime.deadline;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;

/**
 * A clock that shows the time of day at its start plus the time that has passed since, and so never
 * jumps: what lies between two of its instants is how long something took, whatever became of the
 * wall clock meanwhile.
 */
public final class SteadyClock extends Clock {
  private final Clock wall;
  private final Instant begin;
  private final long beginNanos;

  private SteadyClock(Clock wall, Instant begin, long beginNanos) {
    this.wall = wall;
    this.begin = begin;
    this.beginNanos = beginNanos;
  }

  /**
   * Begins now.
   *
   * @param wall what time it is at this moment
   */
  public static SteadyClock from(Clock wall) {
    return new SteadyClock(wall, wall.instant(), System.nanoTime());
  }

  @Override
  public ZoneId getZone() {
    return wall.getZone();
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return new SteadyClock(wall.withZone(zone), begin, beginNanos);
  }

  @Override
  public Instant instant() {
    return begin.plusNanos(System.nanoTime() - beginNanos);
  }
}

package dev.troupe.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CautiousClockTest {
  private final AtomicLong wall = new AtomicLong(1_000_000);
  private final AtomicLong steady = new AtomicLong(7);
  private final CautiousClock clock = new CautiousClock(wall::get, steady::get);

  private void pass(long ms) {
    wall.addAndGet(ms);
    steady.addAndGet(ms);
  }

  @Test
  void followsAJumpForwardsOnlyAfterFiveSeconds() {
    pass(500);
    assertEquals(1_000_500, clock.time());
    wall.addAndGet(600_000);
    assertEquals(1_000_500, clock.time());
    pass(5_000);
    assertEquals(1_005_500, clock.time());
    pass(1);
    assertEquals(1_605_501, clock.time());
  }

  @Test
  void followsAJumpBackwardsAndADriftAtOnce() {
    wall.addAndGet(-600_000);
    assertEquals(400_000, clock.time());
    wall.addAndGet(50);
    assertEquals(400_050, clock.time());
  }
}

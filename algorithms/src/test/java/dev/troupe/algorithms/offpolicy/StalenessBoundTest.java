package dev.troupe.algorithms.offpolicy;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StalenessBoundTest {
  @Test
  void admitsWhatFitsTheVersionsAndTheMachines() {
    StalenessBound bound = new StalenessBound(8, 2, 20);
    // (2 + 0 + 1) * 8 = 24, but only 20 may run
    assertEquals(20, bound.allowed(0, 0, 0));
    assertEquals(3, bound.allowed(0, 0, 17));
    // 24 - (12 + 5) = 7 before 20 - 5 = 15
    assertEquals(7, bound.allowed(0, 12, 5));
    // (2 + 3 + 1) * 8 = 48
    assertEquals(4, bound.allowed(3, 40, 4));
    assertEquals(0, bound.allowed(3, 48, 0));
    assertEquals(0, bound.allowed(3, 60, 0));
    assertEquals(0, bound.allowed(9, 0, 25));
  }

  @Test
  void withoutStalenessOneBatchIsGeneratedForEachVersion() {
    StalenessBound synchronous = new StalenessBound(8, 0, 100);
    assertEquals(8, synchronous.allowed(0, 0, 0));
    assertEquals(0, synchronous.allowed(0, 8, 0));
    assertEquals(8, synchronous.allowed(1, 8, 0));
  }

  @Property
  void aRestoredRunMayStartNoMoreThanAFreshOne(
      @ForAll @IntRange(max = 1_000_000) int version,
      @ForAll @IntRange(min = 1, max = 512) int batch,
      @ForAll @IntRange(max = 8) int staleness) {
    StalenessBound bound = new StalenessBound(batch, staleness, Integer.MAX_VALUE);
    long accepted = bound.acceptedAfterRestore(version);
    assertEquals((long) version * batch, accepted);
    assertEquals(bound.allowed(0, 0, 0), bound.allowed(version, accepted, 0));
    // forgetting what was accepted would start a burst
    assertTrue(version == 0 || bound.allowed(version, 0, 0) > bound.allowed(0, 0, 0));
  }

  @Test
  void refusesNumbersBelowTheirRangeAllAtOnce() {
    assertRefused(
        "staleness bound: batchSize is 0, expected at least 1;"
            + " maxStaleness is -1, expected at least 0;"
            + " maxConcurrent is 0, expected at least 1",
        () -> new StalenessBound(0, -1, 0));
    StalenessBound bound = new StalenessBound(1, 0, 1);
    assertRefused(
        "staleness bound: version is -1, expected at least 0;"
            + " accepted is -2, expected at least 0; running is -3, expected at least 0",
        () -> bound.allowed(-1, -2, -3));
    assertRefused(
        "staleness bound: version is -1, expected at least 0",
        () -> bound.acceptedAfterRestore(-1));
  }
}

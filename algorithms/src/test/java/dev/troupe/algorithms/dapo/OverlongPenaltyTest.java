package dev.troupe.algorithms.dapo;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class OverlongPenaltyTest {
  @Test
  void fallsInAStraightLineThroughTheBuffer() {
    OverlongPenalty penalty = new OverlongPenalty(10, 4, 2);
    assertEquals(0, penalty.of(0));
    assertEquals(0, penalty.of(6));
    // -2 * 1/4, -2 * 3/4
    assertEquals(-0.5, penalty.of(7));
    assertEquals(-1.5, penalty.of(9));
    assertEquals(-2, penalty.of(10));
    assertEquals(-2, penalty.of(1000));
  }

  @Test
  void theBufferMayBeTheWholeLengthOrOneToken() {
    assertEquals(-0.5, new OverlongPenalty(4, 4, 1).of(2));
    assertEquals(0, new OverlongPenalty(1, 1, 1).of(0));
    assertEquals(-1, new OverlongPenalty(1, 1, 1).of(1));
    assertEquals(-0.0, new OverlongPenalty(1, 1, 0).of(1));
  }

  @Property
  void longerIsNeverBetter(
      @ForAll @IntRange(max = 300) int length,
      @ForAll @IntRange(min = 1, max = 200) int maxLength,
      @ForAll @IntRange(min = 1, max = 200) int buffer) {
    OverlongPenalty penalty = new OverlongPenalty(maxLength, Math.min(buffer, maxLength), 1);
    assertTrue(penalty.of(length + 1) <= penalty.of(length));
    assertTrue(penalty.of(length) >= -1 && penalty.of(length) <= 0);
  }

  @Test
  void refusesNumbersOutOfRangeAllAtOnce() {
    assertRefused(
        "overlong penalty: maxLength is 0, expected at least 1 token;"
            + " buffer is 1, expected at least 1 and at most maxLength, 0;"
            + " factor is -1.0, expected 0 or more",
        () -> new OverlongPenalty(0, 1, -1));
    assertRefused(
        "overlong penalty: buffer is 0, expected at least 1 and at most maxLength, 8;"
            + " factor is Infinity, expected 0 or more",
        () -> new OverlongPenalty(8, 0, Double.POSITIVE_INFINITY));
    assertRefused(
        "length is -1, expected 0 or more tokens", () -> new OverlongPenalty(8, 2, 1).of(-1));
  }
}

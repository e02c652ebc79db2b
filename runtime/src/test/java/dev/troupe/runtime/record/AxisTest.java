package dev.troupe.runtime.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class AxisTest {
  private static final double EXACT = 1e-12;

  @Test
  void leavesAMarginOnBothSides() {
    Axis axis = Axis.around(-1, 1); // 6% of 2
    assertEquals(-1.12, axis.low(), EXACT);
    assertEquals(1.12, axis.high(), EXACT);
    assertEquals(0.5, axis.position(0), EXACT);
  }

  @Test
  void doesNotGoBelowZeroForWhatIsNeverNegative() {
    assertEquals(0, Axis.around(0.01, 1).low(), EXACT); // 0.01 - 0.0594 would be
  }

  @Test
  void givesAConstantAHeight() {
    Axis axis = Axis.around(-3, -3); // half of 3
    assertEquals(-4.5, axis.low(), EXACT);
    assertEquals(-1.5, axis.high(), EXACT);
  }
}

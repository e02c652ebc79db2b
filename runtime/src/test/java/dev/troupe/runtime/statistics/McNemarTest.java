package dev.troupe.runtime.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class McNemarTest {
  private static final double EXACT = 1e-12;

  private static McNemar of(int gained, int lost, int same) {
    boolean[] before = new boolean[gained + lost + same];
    boolean[] after = new boolean[before.length];
    for (int i = 0; i < before.length; i++) {
      after[i] = i < gained || i >= gained + lost;
      before[i] = i >= gained;
    }
    return McNemar.of(before, after);
  }

  @Test
  void countsOnlyThePromptsOnWhichTheModelsDiffer() {
    McNemar test = of(6, 1, 50);
    assertEquals(6, test.gained());
    assertEquals(1, test.lost());
    // 2 (C(7,0) + C(7,1)) / 2^7 = 2 * 8 / 128
    assertEquals(0.125, test.p(), EXACT);
  }

  @Test
  void equalGainsAndLossesSayNothing() {
    assertEquals(1, of(5, 5, 0).p(), EXACT);
    assertEquals(1, of(0, 0, 9).p(), EXACT);
  }

  @Test
  void isTheSameInBothDirectionsAndHoldsForManyPrompts() {
    assertEquals(of(3, 9, 0).p(), of(9, 3, 4).p(), EXACT);
    // 2 (1 + 12 + 66 + 220) / 4096
    assertEquals(598.0 / 4096, of(3, 9, 0).p(), EXACT);
    double far = of(1500, 500, 0).p();
    assertTrue(far > 0 && far < 1e-100, "p = " + far);
  }

  @Test
  void listsOfDifferentLengthAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> McNemar.of(new boolean[2], new boolean[3]));
  }
}

package dev.troupe.algorithms.imitation;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CompoundingErrorTest {
  private static final double EXACT = 1e-12;

  @Test
  void aMistakeThatStaysCostsEveryLaterStep() {
    CompoundingError half = new CompoundingError(0.5);
    // 1/2 + 3/4 + 7/8
    assertEquals(2.125, half.absorbing(3), EXACT);
    assertEquals(1.5, half.recoverable(3), EXACT);
    assertEquals(0, half.absorbing(0));
    assertEquals(0, half.recoverable(0));
  }

  @Test
  void theExtremesAreAllStepsAndNone() {
    assertEquals(7, new CompoundingError(1).absorbing(7), EXACT);
    assertEquals(0, new CompoundingError(0).absorbing(7));
  }

  @Test
  void aTinyErrorGrowsWithTheSquareOfTheHorizon() {
    // e * T (T + 1) / 2, up to a relative e * T
    assertEquals(5050e-20, new CompoundingError(1e-20).absorbing(100), 1e-30);
  }

  @Property(tries = 100)
  void recoveringIsNeverDearer(
      @ForAll @DoubleRange(min = 0, max = 1) double perStep,
      @ForAll @IntRange(min = 0, max = 200) int horizon) {
    CompoundingError error = new CompoundingError(perStep);
    double absorbing = error.absorbing(horizon);
    assertTrue(error.recoverable(horizon) <= absorbing + 1e-9);
    assertTrue(absorbing <= horizon + 1e-9);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "perStep is 1.5, expected a number in [0.0, 1.0]", () -> new CompoundingError(1.5));
    CompoundingError error = new CompoundingError(0.1);
    assertRefused("horizon is -1, expected 0 or more steps", () -> error.absorbing(-1));
    assertRefused("horizon is -1, expected 0 or more steps", () -> error.recoverable(-1));
  }
}

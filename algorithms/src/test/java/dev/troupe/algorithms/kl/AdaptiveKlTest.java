package dev.troupe.algorithms.kl;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class AdaptiveKlTest {
  private static final double EXACT = 1e-12;

  @Test
  void followsTheRelativeErrorUpToAFifth() {
    AdaptiveKl controller = new AdaptiveKl(2, 4, 100);
    // error 0.1: 2 * (1 + 0.1 * 50/100)
    assertEquals(2.1, controller.after(4.4, 50).coefficient(), EXACT);
    assertEquals(1.9, controller.after(3.6, 50).coefficient(), EXACT);
    // errors beyond 0.2 count as 0.2
    assertEquals(2.2, controller.after(400, 50).coefficient(), EXACT);
    assertEquals(1.8, controller.after(-3, 50).coefficient(), EXACT);
    assertEquals(new AdaptiveKl(2, 4, 100), controller.after(4, 50));
    assertEquals(controller, controller.after(9, 0));
  }

  @Property
  void staysAboveZeroAndMovesTowardTheTarget(
      @ForAll @DoubleRange(min = -1e9, max = 1e9) double kl) {
    AdaptiveKl controller = new AdaptiveKl(0.1, 6, 10);
    double next = controller.after(kl, 49).coefficient();
    assertTrue(next > 0);
    assertEquals(Math.signum(kl - 6), Math.signum(next - 0.1));
  }

  @Test
  void refusesBadInput() {
    assertRefused(
        "adaptive KL coefficient: coefficient is 0.0, expected a number above 0;"
            + " target is -1.0, expected a number above 0;"
            + " horizon is Infinity, expected a number above 0",
        () -> new AdaptiveKl(0, -1, Double.POSITIVE_INFINITY));
    AdaptiveKl controller = new AdaptiveKl(1, 1, 10);
    assertRefused(
        "kl is NaN, expected a number in [-1.7976931348623157E308, 1.7976931348623157E308]",
        () -> controller.after(Double.NaN, 1));
    assertRefused(
        "samples is 50, expected 0 or more and less than 5 times the horizon of 10.0",
        () -> controller.after(1, 50));
    assertRefused(
        "samples is -1, expected 0 or more and less than 5 times the horizon of 10.0",
        () -> controller.after(1, -1));
  }
}

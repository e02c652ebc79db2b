package dev.troupe.runtime.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProportionTest {
  private static final double FOUR_DECIMALS = 0.5e-4;

  /** The four examples of Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3. */
  @ParameterizedTest
  @CsvSource({
    "81, 263, 0.2553, 0.3662",
    "15, 148, 0.0624, 0.1605",
    "0, 20, 0.0000, 0.1611",
    "1, 29, 0.0061, 0.1718"
  })
  void agreesWithThePublishedScoreIntervals(int successes, int trials, double low, double high) {
    Interval interval = new Proportion(successes, trials).wilson95();
    assertEquals(low, interval.low(), FOUR_DECIMALS);
    assertEquals(high, interval.high(), FOUR_DECIMALS);
  }

  @Test
  void keepsAWidthWhenAllTrialsSucceed() {
    // The mirror image of 0 of 20: 1 - 0.1611.
    Interval interval = new Proportion(20, 20).wilson95();
    assertEquals(0.8389, interval.low(), FOUR_DECIMALS);
    assertEquals(1.0, interval.high());
  }

  @Test
  void enclosesTheObservedShareAndStaysInsideZeroToOne() {
    for (int trials = 1; trials <= 200; trials++) {
      for (int successes = 0; successes <= trials; successes++) {
        var proportion = new Proportion(successes, trials);
        Interval interval = proportion.wilson95();
        assertTrue(interval.contains(proportion.value()), proportion::toString);
        assertTrue(interval.low() >= 0 && interval.high() <= 1, proportion::toString);
      }
    }
  }

  @Test
  void countsSuccesses() {
    assertEquals(new Proportion(2, 3), Proportion.of(new boolean[] {true, false, true}));
  }

  @Test
  void refusesCountsThatNoExperimentCanHave() {
    assertThrows(IllegalArgumentException.class, () -> new Proportion(0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Proportion(4, 3));
    assertThrows(IllegalArgumentException.class, () -> new Proportion(-1, 3));
  }
}

package dev.troupe.runtime.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

/** Pearson's test of counts against exact probabilities. */
final class ChiSquare {
  /** One true distribution in a thousand is refused; seeds are fixed, so a test never wavers. */
  private static final double NORMAL_QUANTILE = 3.0902;

  /** Cells expected less often than this are counted together, as the approximation asks. */
  private static final double SMALLEST_CELL = 5;

  private ChiSquare() {}

  static void assertFits(String name, double[] probabilities, int[] counts) {
    int draws = Arrays.stream(counts).sum();
    double statistic = 0;
    double restExpected = 0;
    int rest = 0;
    int cells = 0;
    for (int i = 0; i < counts.length; i++) {
      if (probabilities[i] == 0) {
        assertEquals(0, counts[i], name + ": cell " + i + " is impossible");
        continue;
      }
      double expected = draws * probabilities[i];
      if (expected < SMALLEST_CELL) {
        restExpected += expected;
        rest += counts[i];
      } else {
        statistic += square(counts[i] - expected) / expected;
        cells++;
      }
    }
    if (restExpected > 0) {
      statistic += square(rest - restExpected) / Math.max(restExpected, 1);
      cells++;
    }
    if (cells > 1) {
      double limit = quantile(cells - 1);
      assertTrue(statistic < limit, name + ": chi-square " + statistic + " is above " + limit);
    }
  }

  /** The 99.9 % quantile by Wilson and Hilferty (1931). */
  private static double quantile(int freedom) {
    double spread = 2.0 / (9 * freedom);
    double root = 1 - spread + NORMAL_QUANTILE * Math.sqrt(spread);
    return freedom * root * root * root;
  }

  private static double square(double value) {
    return value * value;
  }
}

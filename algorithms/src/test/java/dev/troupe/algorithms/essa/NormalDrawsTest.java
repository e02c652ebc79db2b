package dev.troupe.algorithms.essa;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NormalDrawsTest {
  @Test
  void haveTheMomentsOfAStandardNormal() {
    int count = 100_000;
    double[] normals = NormalDraws.of(1, 2, 3, count);
    double mean = Arrays.stream(normals).average().orElseThrow();
    double variance = Arrays.stream(normals).map(z -> z * z).average().orElseThrow();
    double fourth = Arrays.stream(normals).map(z -> z * z * z * z).average().orElseThrow();
    // four standard errors: sqrt(1/N), sqrt(2/N), sqrt(96/N)
    assertEquals(0, mean, 4 * Math.sqrt(1.0 / count));
    assertEquals(1, variance, 4 * Math.sqrt(2.0 / count));
    assertEquals(3, fourth, 4 * Math.sqrt(96.0 / count));
  }

  @Test
  void neighboursInEveryCoordinateAreUncorrelated() {
    int count = 20_000;
    double bound = 4 / Math.sqrt(count);
    double[] here = NormalDraws.of(5, 6, 7, count);
    double[][] neighbours = {
      NormalDraws.of(6, 6, 7, count),
      NormalDraws.of(5, 7, 7, count),
      NormalDraws.of(5, 6, 8, count),
      NormalDraws.of(6, 5, 7, count),
      NormalDraws.of(5, 7, 6, count)
    };
    for (double[] other : neighbours) {
      assertEquals(0, correlation(here, other, 0), bound);
      assertEquals(0, correlation(here, other, 1), bound);
    }
    assertEquals(0, correlation(here, here, 1), bound);
    assertEquals(0, correlation(here, here, 2), bound);
  }

  private static double correlation(double[] first, double[] second, int lag) {
    double sum = 0;
    for (int i = lag; i < first.length; i++) {
      sum += first[i - lag] * second[i];
    }
    return sum / first.length;
  }

  @Test
  void dependOnNothingButTheirPlace() {
    assertArrayEquals(NormalDraws.of(1, 2, 3, 5), NormalDraws.of(1, 2, 3, 5), 0);
    // A longer draw begins with the shorter one.
    assertArrayEquals(NormalDraws.of(1, 2, 3, 5), Arrays.copyOf(NormalDraws.of(1, 2, 3, 8), 5), 0);
    Set<Double> seen = new HashSet<>();
    for (int seed = 0; seed < 10; seed++) {
      for (int generation = 0; generation < 10; generation++) {
        for (int candidate = 0; candidate < 10; candidate++) {
          seen.add(NormalDraws.of(seed, generation, candidate, 1)[0]);
        }
      }
    }
    assertEquals(1000, seen.size());
    assertTrue(seen.stream().allMatch(Double::isFinite));
  }

  @Test
  void refusesANegativeLength() {
    assertEquals(0, NormalDraws.of(0, 0, 0, 0).length);
    assertRefused("length is -1, expected 0 or more", () -> NormalDraws.of(0, 0, 0, -1));
  }
}

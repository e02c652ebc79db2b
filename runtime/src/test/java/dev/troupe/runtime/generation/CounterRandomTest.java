package dev.troupe.runtime.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** The counter-based random numbers: fixed values, uniformity, independence, open interval. */
class CounterRandomTest {
  private static final int DRAWS = 1 << 18;
  private static final int BINS = 256;
  private static final int SIDE = 16;

  /** One coordinate of a random number that runs while the others stand. */
  private interface Draw {
    float at(int i);
  }

  @Test
  void mixesLikeTheReferenceImplementationOfSplitMix64() {
    // The first output of the published generator with seed 0, which steps before it mixes.
    assertEquals(0xE220A8397B1DCDAFL, CounterRandom.mix(0));
  }

  @Test
  void isUniformAlongEveryCoordinate() {
    long stream = CounterRandom.stream(1, 2, 3);
    uniform("position", i -> CounterRandom.uniform(stream, i));
    uniform("sample", i -> CounterRandom.uniform(CounterRandom.stream(1, 2, i), 3));
    uniform("ticket", i -> CounterRandom.uniform(CounterRandom.stream(1, i, 2), 3));
    uniform("seed", i -> CounterRandom.uniform(CounterRandom.stream(i, 1, 2), 3));
  }

  @Test
  void neighboursAlongEveryCoordinateAreIndependent() {
    independent("position", i -> j -> CounterRandom.uniform(CounterRandom.stream(1, i, 3), j));
    independent("sample", i -> j -> CounterRandom.uniform(CounterRandom.stream(1, i, j), 3));
    independent("ticket", i -> j -> CounterRandom.uniform(CounterRandom.stream(i, j, 2), 3));
    independent("seed", i -> j -> CounterRandom.uniform(CounterRandom.stream(j, i, 2), 3));
    // ticket and sample do not run into each other: (t, s + 1) against (t + 1, s)
    independent(
        "diagonal", i -> j -> CounterRandom.uniform(CounterRandom.stream(1, i + j, 1 - j), 3));
  }

  @Test
  void neverReachesZeroOrOne() {
    assertEquals(0x1p-24f, CounterRandom.uniform(unmixed(0), 0));
    assertEquals(1 - 0x1p-24f, CounterRandom.uniform(unmixed(-1), 0));
  }

  private static void uniform(String name, Draw draw) {
    int[] counts = new int[BINS];
    for (int i = 0; i < DRAWS; i++) {
      counts[(int) (draw.at(i) * BINS)]++;
    }
    ChiSquare.assertFits(name, equal(BINS), counts);
  }

  /** Pairs (j = 0, j = 1) for many i, on a grid of cells that are equally likely if independent. */
  private static void independent(String name, IntFunction<Draw> draws) {
    int[] counts = new int[SIDE * SIDE];
    for (int i = 0; i < DRAWS; i++) {
      Draw pair = draws.apply(i);
      counts[(int) (pair.at(0) * SIDE) * SIDE + (int) (pair.at(1) * SIDE)]++;
    }
    ChiSquare.assertFits(name, equal(SIDE * SIDE), counts);
  }

  private static double[] equal(int cells) {
    double[] probabilities = new double[cells];
    Arrays.fill(probabilities, 1.0 / cells);
    return probabilities;
  }

  /** The inverse of {@link CounterRandom#mix}: its factors' inverses modulo 2^64, backwards. */
  private static long unmixed(long mixed) {
    long z = mixed ^ (mixed >>> 31) ^ (mixed >>> 62);
    z *= 0x319642B2D24D8EC3L;
    z = z ^ (z >>> 27) ^ (z >>> 54);
    z *= 0x96DE1B173F119089L;
    z = z ^ (z >>> 30) ^ (z >>> 60);
    long value = z - 0x9E3779B97F4A7C15L;
    assertEquals(mixed, CounterRandom.mix(value));
    return value;
  }
}

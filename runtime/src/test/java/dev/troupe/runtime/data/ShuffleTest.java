package dev.troupe.runtime.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class ShuffleTest {

  @Property(tries = 200)
  void everyEpochUsesEveryExampleOnce(
      @ForAll @IntRange(min = 1, max = 3000) int size,
      @ForAll long seed,
      @ForAll @LongRange(min = 0, max = 1L << 40) long epoch) {
    var shuffle = new Shuffle(size, seed);
    var seen = new BitSet(size);
    for (int i = 0; i < size; i++) {
      seen.set(shuffle.index(epoch * size + i));
    }
    assertEquals(size, seen.cardinality());
    assertEquals(size, seen.length());
  }

  @Property
  void anyPositionCanBeLookedUpAfterResuming(
      @ForAll @IntRange(min = 1, max = Integer.MAX_VALUE) int size,
      @ForAll long seed,
      @ForAll @LongRange(min = 0) long position) {
    int before = new Shuffle(size, seed).index(position);
    assertEquals(before, new Shuffle(size, seed).index(position));
    assertTrue(before >= 0 && before < size);
  }

  @Property
  void aPermutationOfAnySizeNeverMapsTwoNeighboursToOneValue(
      @ForAll @LongRange(min = 2, max = 1L << 62) long size, @ForAll long key) {
    var permutation = new Permutation(size, key);
    long count = Math.min(size, 64);
    long different = LongStream.range(size - count, size).map(permutation::at).distinct().count();
    assertEquals(count, different);
  }

  @Test
  void neverChangesTheOrderThatOldRunsUsed() {
    // Computed by a second implementation (Python integers): a resumed run must meet its old order.
    List<Integer> twoEpochs = List.of(3, 2, 6, 7, 0, 1, 8, 9, 5, 4, 5, 7, 6, 9, 4, 3, 2, 8, 1, 0);
    var shuffle = new Shuffle(10, 42);
    assertEquals(twoEpochs, IntStream.range(0, 20).mapToObj(shuffle::index).toList());
  }

  @Test
  void epochsAndSeedsDiffer() {
    int size = 1000;
    assertTrue(agreements(size, new Shuffle(size, 1), 0, new Shuffle(size, 1), size) < 10);
    assertTrue(agreements(size, new Shuffle(size, 1), 0, new Shuffle(size, 2), 0) < 10);
    assertTrue(agreements(size, new Shuffle(size, 1), size, new Shuffle(size, 2), 0) < 10);
  }

  /** About one is expected of two independent permutations; ten has probability 1e-7. */
  private static long agreements(int size, Shuffle a, long fromA, Shuffle b, long fromB) {
    return IntStream.range(0, size).filter(i -> a.index(fromA + i) == b.index(fromB + i)).count();
  }

  @Test
  void allOrdersOfFourExamplesAreAboutEquallyFrequent() {
    int seeds = 24_000;
    Map<List<Integer>, Integer> frequency = new HashMap<>();
    for (int seed = 0; seed < seeds; seed++) {
      var shuffle = new Shuffle(4, seed);
      frequency.merge(IntStream.range(0, 4).mapToObj(shuffle::index).toList(), 1, Integer::sum);
    }
    assertEquals(24, frequency.size());
    double expected = seeds / 24.0;
    double chiSquare =
        frequency.values().stream()
            .mapToDouble(n -> (n - expected) * (n - expected) / expected)
            .sum();
    // 23 degrees of freedom: mean 23, and 49.7 is passed with probability 0.001.
    assertTrue(chiSquare < 49.7, "chi square = " + chiSquare);
  }

  @Test
  void neighboursOfALargeSetLandFarApart() {
    int size = 1 << 20;
    var shuffle = new Shuffle(size, 5);
    double mean =
        IntStream.range(0, 20_000)
            .mapToLong(i -> Math.abs((long) shuffle.index(i) - shuffle.index(i + 1)))
            .average()
            .orElseThrow();
    // Two independent uniform draws are size / 3 apart on average; the mean varies by 0.2 %.
    assertEquals(size / 3.0, mean, size / 3.0 * 0.02);
  }

  @Test
  void countsEpochsAndRefusesWhatIsNoPosition() {
    var shuffle = new Shuffle(3, 0);
    assertEquals(0, shuffle.epoch(2));
    assertEquals(1, shuffle.epoch(3));
    assertFalse(shuffle.index(Long.MAX_VALUE) > 2);
    assertThrows(IllegalArgumentException.class, () -> shuffle.index(-1));
    assertThrows(IllegalArgumentException.class, () -> new Shuffle(0, 1));
  }
}

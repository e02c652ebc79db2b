package dev.troupe.algorithms.superhf;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BestFilterTest {
  private static final int[] EQUALLY_LONG = {5, 5, 5, 5};

  @Test
  void keepsTheBestAndOfEqualsTheEarlier() {
    double[] scores = {0.5, 2, 2, 1};
    assertArrayEquals(new int[] {1}, new BestFilter(1, 0).of(scores, EQUALLY_LONG));
    assertArrayEquals(new int[] {1, 2, 3}, new BestFilter(3, 0).of(scores, EQUALLY_LONG));
    double[] zeros = {-0.0, 0.0, -0.0, 0.0};
    assertArrayEquals(new int[] {0, 1, 2, 3}, new BestFilter(9, 0).of(zeros, EQUALLY_LONG));
  }

  @Test
  void aLengthPenaltyCountsTheLogarithmOfTheCharacters() {
    // 2 - ln 20 = -0.996, 1 - ln 5 = -0.609
    double[] scores = {2, 1};
    int[] characters = {20, 5};
    assertArrayEquals(new int[] {0, 1}, new BestFilter(2, 0).of(scores, characters));
    assertArrayEquals(new int[] {1, 0}, new BestFilter(2, 1).of(scores, characters));
    // ln(20 / 5) = 1.386 is worth the difference of 1 from a penalty of 0.7213 on
    assertArrayEquals(new int[] {0}, new BestFilter(1, 0.72).of(scores, characters));
    assertArrayEquals(new int[] {1}, new BestFilter(1, 0.73).of(scores, characters));
  }

  @Test
  void dropsEmptyCompletionsBeforeRanking() {
    double[] scores = {9, 1, Double.NaN};
    assertArrayEquals(new int[] {1}, new BestFilter(2, 0).of(scores, new int[] {0, 1, 0}));
    assertEquals(0, new BestFilter(2, 0).of(scores, new int[3]).length);
    assertEquals(0, new BestFilter(1, 0).of(new double[0], new int[0]).length);
  }

  @Property(tries = 200)
  void whatIsKeptIsNoWorseThanWhatIsDropped(
      @ForAll @Size(7) double[] raw, @ForAll @IntRange(min = 1, max = 8) int keep) {
    double[] scores = Arrays.stream(raw).map(x -> Double.isFinite(x) ? x : 0).toArray();
    int[] characters = {1, 2, 3, 4, 5, 6, 7};
    int[] kept = new BestFilter(keep, 0).of(scores, characters);
    assertEquals(Math.min(keep, 7), kept.length);
    double worst = Arrays.stream(kept).mapToDouble(i -> scores[i]).min().orElseThrow();
    for (int i = 0; i < 7; i++) {
      int candidate = i;
      boolean isKept = Arrays.stream(kept).anyMatch(k -> k == candidate);
      assertTrue(isKept || scores[i] <= worst);
    }
  }

  @Property(tries = 100)
  void aConstantAddedToAllScoresChangesNothing(
      @ForAll @IntRange(min = -8, max = 8) int shift,
      @ForAll @DoubleRange(min = 0, max = 3) double penalty) {
    double[] scores = {0.5, -1, 3, 3, 2};
    int[] characters = {3, 1, 9, 8, 0};
    double[] shifted = Arrays.stream(scores).map(score -> score + shift).toArray();
    BestFilter filter = new BestFilter(3, penalty);
    assertArrayEquals(filter.of(scores, characters), filter.of(shifted, characters));
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "best filter: keep is 0, expected at least 1;"
            + " lengthPenalty is NaN, expected a finite number",
        () -> new BestFilter(0, Double.NaN));
    BestFilter filter = new BestFilter(1, 0);
    assertRefused(
        "characters has length 1, expected 2 like scores",
        () -> filter.of(new double[2], new int[1]));
    assertRefused(
        "characters[1] is -1, expected 0 or more",
        () -> filter.of(new double[2], new int[] {1, -1}));
    assertRefused(
        "scores[0] is NaN, expected a number in"
            + " [-1.7976931348623157E308, 1.7976931348623157E308]",
        () -> filter.of(new double[] {Double.NaN}, new int[] {1}));
  }
}

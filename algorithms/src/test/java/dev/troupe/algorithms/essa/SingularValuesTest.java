package dev.troupe.algorithms.essa;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class SingularValuesTest {
  private static final double ROUNDING = 1e-10;

  /** Singular values 3 and 2 with axes as singular vectors; B has 4 and 1. */
  private static final SingularValues.Factors AXES =
      new SingularValues.Factors(
          new double[][] {{0, 2, 0}, {3, 0, 0}}, new double[][] {{0, 4}, {-1, 0}});

  @Test
  void movesTheLargestValueOfEachFactorFirst() {
    SingularValues search = SingularValues.of(AXES, 1);
    assertArrayEquals(new double[] {3, 2}, search.a().singularValues(), ROUNDING);
    assertArrayEquals(new double[] {4, 1}, search.b().singularValues(), ROUNDING);
    assertEquals(4, search.dimension());
    assertEquals(2.5, search.meanSingularValue(), ROUNDING);
    SingularValues.Factors moved = search.candidate(0.5, -0.25, 1, -3);
    assertNear(new double[][] {{0, 1.75, 0}, {3.5, 0, 0}}, moved.a());
    // 1 - 3 is negative: the direction flips
    assertNear(new double[][] {{0, 5}, {2, 0}}, moved.b());
    // scale 2 times B A: row 0 is 2 * 5 * 3.5, row 1 is 2 * 2 * 1.75
    assertNear(new double[][] {{35, 0, 0}, {0, 7, 0}}, moved.delta(2));
  }

  @Test
  void aFractionLeavesTheSmallValuesAlone() {
    SingularValues search = SingularValues.of(AXES, 0.5);
    assertEquals(1, search.perFactor());
    assertEquals(3.5, search.meanSingularValue(), ROUNDING);
    SingularValues.Factors moved = search.candidate(1, 1);
    assertNear(new double[][] {{0, 2, 0}, {4, 0, 0}}, moved.a());
    assertNear(new double[][] {{0, 5}, {-1, 0}}, moved.b());
  }

  @Property(tries = 100)
  void zeroGivesTheFactorsBitForBit(@ForAll("factors") SingularValues.Factors factors) {
    SingularValues search = SingularValues.of(factors, 1);
    SingularValues.Factors same = search.candidate(new double[search.dimension()]);
    assertArrayEquals(factors.a(), same.a());
    assertArrayEquals(factors.b(), same.b());
  }

  @Property(tries = 100)
  void theVectorsAreOrthonormalAndRebuildTheFactor(
      @ForAll("factors") SingularValues.Factors factors) {
    for (double[][] factor : List.of(factors.a(), factors.b())) {
      FactorDecomposition svd = FactorDecomposition.of("F", factor);
      double[] values = svd.singularValues();
      double[][] left = svd.left();
      double[][] right = svd.right();
      double[][] rebuilt = new double[factor.length][factor[0].length];
      for (int k = 0; k < values.length; k++) {
        assertEquals(values[k], k == 0 ? values[k] : Math.min(values[k], values[k - 1]));
        for (int l = 0; l < values.length; l++) {
          assertEquals(k == l ? 1 : 0, dot(left, k, l), ROUNDING);
          assertEquals(k == l ? 1 : 0, dot(right, k, l), ROUNDING);
        }
        for (int i = 0; i < factor.length; i++) {
          for (int j = 0; j < factor[0].length; j++) {
            rebuilt[i][j] += values[k] * left[i][k] * right[j][k];
          }
        }
      }
      assertNear(factor, rebuilt);
      // Taking every value away leaves nothing.
      assertNear(
          new double[factor.length][factor[0].length],
          svd.moved(Arrays.stream(values).map(value -> -value).toArray()));
    }
  }

  private static double dot(double[][] vectors, int k, int l) {
    return Arrays.stream(vectors).mapToDouble(row -> row[k] * row[l]).sum();
  }

  @Provide
  Arbitrary<SingularValues.Factors> factors() {
    Arbitrary<Double> numbers = Arbitraries.doubles().between(-2, 2).ofScale(3);
    return Arbitraries.integers()
        .between(1, 3)
        .flatMap(
            rank ->
                numbers
                    .array(double[].class)
                    .ofSize(rank * 9)
                    .map(
                        values ->
                            new SingularValues.Factors(
                                rows(values, 0, rank, 5), rows(values, rank * 5, 4, rank))));
  }

  private static double[][] rows(double[] values, int from, int rows, int columns) {
    double[][] matrix = new double[rows][];
    for (int i = 0; i < rows; i++) {
      matrix[i] = Arrays.copyOfRange(values, from + i * columns, from + (i + 1) * columns);
    }
    return matrix;
  }

  private static void assertNear(double[][] expected, double[][] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(expected[i], actual[i], ROUNDING);
    }
  }

  @Test
  void doesNotChangeWithTheArraysItGaveOut() {
    FactorDecomposition svd = FactorDecomposition.of("A", AXES.a());
    svd.singularValues()[0] = 9;
    svd.left()[0][0] = 9;
    svd.right()[0][0] = 9;
    svd.moved()[0][0] = 9;
    assertNear(AXES.a(), svd.moved(0, 0));
    assertArrayEquals(new double[] {3, 2}, svd.singularValues(), ROUNDING);
  }

  @Test
  void countsTheNumbersOfAModel() {
    assertEquals(1792, SearchDimension.of(28, 4, 8, 1));
    assertEquals(0, SearchDimension.of(28, 4, 8, 0.1));
    // 0.29 * 100 is 28.999999999999996 in float64
    assertEquals(29, SearchDimension.perFactor(100, 0.29));
  }

  @Test
  void refusesEmptySearchesAndFactorsThatDoNotFit() {
    assertRefused(
        "alpha 0.1 of rank 2 leaves 0 singular values to search, expected alpha of at least 0.5",
        () -> SingularValues.of(AXES, 0.1));
    assertRefused(
        "alpha is 1.5, expected a number in [0.0, 1.0]", () -> SingularValues.of(AXES, 1.5));
    assertRefused("rank is 0, expected at least 1", () -> SearchDimension.perFactor(0, 1));
    assertRefused("layers is 0, expected at least 1", () -> SearchDimension.of(0, 1, 1, 1));
    assertRefused(
        "matricesPerLayer is 0, expected at least 1", () -> SearchDimension.of(1, 0, 1, 1));
    assertRefused(
        "B[0] has length 1, expected 2 like A",
        () ->
            SingularValues.of(new SingularValues.Factors(AXES.a(), new double[][] {{1}, {2}}), 1));
    assertRefused(
        "alpha 1.0 of rank 2 is 2 singular values, but a factor has only 1",
        () ->
            SingularValues.of(new SingularValues.Factors(new double[][] {{1}, {2}}, AXES.b()), 1));
    assertRefused(
        "A[1] at index 0 is NaN, expected a finite number",
        () -> FactorDecomposition.of("A", new double[][] {{1}, {Double.NaN}}));
    assertRefused(
        "A is empty, expected at least 1 row and 1 column",
        () -> FactorDecomposition.of("A", new double[0][]));
    assertRefused(
        "A[1] has length 1, expected 2 like A[0]",
        () -> FactorDecomposition.of("A", new double[][] {{1, 2}, {1}}));
    SingularValues search = SingularValues.of(AXES, 1);
    assertRefused(
        "x has length 3, expected 4 like the search dimension", () -> search.candidate(0, 0, 0));
    assertRefused(
        "x at index 1 is Infinity, expected a finite number",
        () -> search.candidate(0, Double.POSITIVE_INFINITY, 0, 0));
    assertRefused(
        "3 offsets for 2 singular values, expected at most as many",
        () -> search.a().moved(1, 1, 1));
  }
}

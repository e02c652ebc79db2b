package dev.troupe.algorithms.essa;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SearchStateTest {
  /** A population so small for its dimension that a decomposition lasts several generations. */
  private static final int DIMENSION = 40;

  @Test
  void aRestoredSearchGoesOnBitForBit() {
    CmaEs strategy = new CmaEs(DIMENSION, 2, CovarianceShape.FULL);
    assertEquals(2, strategy.constants().decompositionInterval());
    for (int saveAfter = 1; saveAfter <= 4; saveAfter++) {
      SearchState state = advance(strategy, start(strategy), 0, saveAfter);
      FullCovariance covariance = (FullCovariance) state.covariance();
      assertEquals(saveAfter % 2, covariance.age());
      SearchState restored =
          new SearchState(
              state.generation(),
              state.mean(),
              state.sigma(),
              state.sigmaPath(),
              state.covariancePath(),
              FullCovariance.restored(
                  covariance.matrix(), covariance.decomposed(), covariance.age()));
      SearchState there = advance(strategy, restored, saveAfter, 5);
      SearchState here = advance(strategy, state, saveAfter, 5);
      assertArrayEquals(here.mean(), there.mean(), 0);
      assertEquals(here.sigma(), there.sigma());
    }
  }

  @Test
  void aRestoredDiagonalSearchGoesOnBitForBit() {
    CmaEs strategy = new CmaEs(DIMENSION, 4, CovarianceShape.DIAGONAL);
    SearchState state = advance(strategy, start(strategy), 0, 3);
    SearchState restored =
        new SearchState(
            state.generation(),
            state.mean(),
            state.sigma(),
            state.sigmaPath(),
            state.covariancePath(),
            DiagonalCovariance.restored(((DiagonalCovariance) state.covariance()).variances()));
    assertArrayEquals(
        advance(strategy, state, 3, 5).mean(), advance(strategy, restored, 3, 5).mean(), 0);
  }

  private static SearchState start(CmaEs strategy) {
    return strategy.start(new double[DIMENSION], 0.3);
  }

  private static SearchState advance(CmaEs strategy, SearchState state, int from, int generations) {
    for (int t = from; t < from + generations; t++) {
      double[][] normals = strategy.normals(3, t);
      double[] fitness =
          Arrays.stream(strategy.candidates(state, normals))
              .mapToDouble(x -> -Arrays.stream(x).map(v -> (v - 1) * (v - 1)).sum())
              .toArray();
      state = strategy.next(state, normals, fitness);
    }
    return state;
  }

  @Test
  void doesNotChangeWithTheArraysItWasMadeFrom() {
    double[] mean = {1, 2};
    SearchState state = new CmaEs(2, 4, CovarianceShape.FULL).start(mean, 0.5);
    mean[0] = 9;
    state.mean()[1] = 9;
    state.sigmaPath()[0] = 9;
    state.covariancePath()[0] = 9;
    state.covariance().matrix()[0][0] = 9;
    assertArrayEquals(new double[] {1, 2}, state.mean());
    assertArrayEquals(new double[2], state.sigmaPath());
    assertArrayEquals(new double[2], state.covariancePath());
    assertArrayEquals(new double[] {1, 0}, state.covariance().matrix()[0]);
  }

  @Test
  void coloursWithTheSymmetricSquareRoot() {
    // [[5, 4], [4, 5]] has eigenvalues 9 and 1 along (1, 1) and (1, -1): its root is [[2, 1], [1,
    // 2]]
    double[][] matrix = {{5, 4}, {4, 5}};
    FullCovariance covariance = FullCovariance.restored(matrix, matrix, 0);
    assertArrayEquals(new double[] {2, 1}, covariance.colour(new double[] {1, 0}), 1e-12);
    assertArrayEquals(new double[] {1, 2}, covariance.colour(new double[] {0, 1}), 1e-12);
    DiagonalCovariance diagonal = DiagonalCovariance.restored(new double[] {4, 9});
    assertArrayEquals(new double[] {2, -3}, diagonal.colour(new double[] {1, -1}));
    assertArrayEquals(new double[][] {{4, 0}, {0, 9}}, diagonal.matrix());
  }

  @Test
  void aDirectionLostToRoundingStaysFinite() {
    double[][] flat = {{1, 1}, {1, 1}};
    double[] coloured = FullCovariance.restored(flat, flat, 0).colour(new double[] {1, -1});
    assertArrayEquals(new double[] {0, 0}, coloured, 1e-6);
  }

  @Test
  void refusesADamagedState() {
    double[][] skew = {{1, 2}, {3, 1}};
    double[][] unit = {{1, 0}, {0, 1}};
    assertRefused(
        "matrix (2, 2) differs in row and column 0, expected a symmetric matrix",
        () -> FullCovariance.restored(skew, unit, 0));
    assertRefused("age is -1, expected 0 or more", () -> FullCovariance.restored(unit, unit, -1));
    assertRefused(
        "matrix[0] has length 2, expected 1 like matrix",
        () -> FullCovariance.restored(new double[1][2], unit, 0));
    assertRefused(
        "variances at index 1 is 0.0, expected a number above 0",
        () -> DiagonalCovariance.restored(new double[] {1, 0}));
    assertRefused(
        "variances is empty, expected at least 1 variance",
        () -> DiagonalCovariance.restored(new double[0]));
    Covariance covariance = FullCovariance.restored(unit, unit, 0);
    double[] two = new double[2];
    assertRefused(
        "generation is -1, expected 0 or more",
        () -> new SearchState(-1, two, 1, two, two, covariance));
    assertRefused(
        "covariancePath has length 1, expected 2 like covariance",
        () -> new SearchState(0, two, 1, two, new double[1], covariance));
    assertRefused(
        "mean at index 0 is NaN, expected a finite number",
        () -> new SearchState(0, new double[] {Double.NaN, 0}, 1, two, two, covariance));
  }
}

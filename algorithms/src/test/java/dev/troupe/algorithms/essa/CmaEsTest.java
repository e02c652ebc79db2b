package dev.troupe.algorithms.essa;

import static dev.troupe.algorithms.testing.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CmaEsTest {
  private static final double EXACT = 1e-12;

  @Test
  void oneGenerationInOneDimensionByHand() {
    CmaEs strategy = new CmaEs(1, 2, CovarianceShape.FULL);
    CmaConstants constants = strategy.constants();
    // mu = 1: w = 1, muEff = 1; c_s = 3/7, c_c = 5/7, c_1 = 2/(2.3^2 + 1), c_mu = 0
    assertEquals(3.0 / 7, constants.cSigma(), EXACT);
    assertEquals(5.0 / 7, constants.cC(), EXACT);
    assertEquals(2 / 6.29, constants.c1(), EXACT);
    assertEquals(0, constants.cMu(), EXACT);
    assertEquals(1 + 3.0 / 7, constants.dSigma(), EXACT);
    assertEquals(1 - 0.25 + 1.0 / 21, constants.chiN(), EXACT);
    SearchState next =
        strategy.next(
            strategy.start(new double[] {2}, 0.5),
            new double[][] {{-1}, {0.4}},
            new double[] {1, 3});
    // the second is best: m = 2 + 0.5 * 0.4
    assertEquals(2.2, next.mean()[0], EXACT);
    double path = Math.sqrt(3.0 / 7 * (11.0 / 7)) * 0.4;
    assertEquals(path, next.sigmaPath()[0], EXACT);
    assertEquals(
        0.5 * Math.exp((3.0 / 7) / (10.0 / 7) * (path / constants.chiN() - 1)),
        next.sigma(),
        EXACT);
    double covariancePath = Math.sqrt(5.0 / 7 * (9.0 / 7)) * 0.4;
    assertEquals(covariancePath, next.covariancePath()[0], EXACT);
    assertEquals(
        1 - 2 / 6.29 + 2 / 6.29 * covariancePath * covariancePath,
        next.covariance().matrix()[0][0],
        EXACT);
    assertEquals(1, next.generation());
  }

  @Test
  void theCovariancePathWaitsWhileTheStepGrows() {
    CmaEs strategy = new CmaEs(1, 2, CovarianceShape.FULL);
    SearchState start = strategy.start(new double[1], 1);
    SearchState next = strategy.next(start, new double[][] {{2}, {0}}, new double[] {1, 0});
    // After one update |path| / sqrt(1 - (1 - c_s)^2) is |z|, and the limit 2.4 * chi_n is 1.91.
    assertFalse(strategy.movedCovariancePath(next));
    assertEquals(0, next.covariancePath()[0]);
    // kept = 1 - c1 + c1 * c_c (2 - c_c) = 1 - c1 * (1 - 45/49)
    assertEquals(1 - 2 / 6.29 * (4.0 / 49), next.covariance().matrix()[0][0], EXACT);
    SearchState small = strategy.next(start, new double[][] {{1.7}, {0}}, new double[] {1, 0});
    assertTrue(strategy.movedCovariancePath(small));
  }

  @ParameterizedTest
  @EnumSource(CovarianceShape.class)
  void climbsAShiftedQuadraticIn150Generations(CovarianceShape shape) {
    double[] best = {1, -2, 0.5, 3, -1, 0};
    assertTrue(-climb(shape, 12, 150, x -> -distance(x, best, 1)) < 1e-10);
  }

  @Test
  void adaptsItsCovarianceToAnIllConditionedQuadraticIn400Generations() {
    double[] best = {1, -2, 0.5, 3, -1, 0};
    // Axes weigh 1 to 10^6 and are turned by 45 degrees in pairs.
    assertTrue(-climb(CovarianceShape.FULL, 12, 400, x -> -distance(turned(x), best, 1e6)) < 1e-10);
    assertTrue(-climb(CovarianceShape.DIAGONAL, 12, 400, x -> -distance(x, best, 1e6)) < 1e-10);
  }

  private static double climb(
      CovarianceShape shape, int population, int generations, ToDoubleFunction<double[]> fitness) {
    CmaEs strategy = new CmaEs(6, population, shape);
    SearchState state = strategy.start(new double[6], 0.5);
    for (int t = 0; t < generations; t++) {
      double[][] normals = strategy.normals(7, t);
      double[] scores =
          Arrays.stream(strategy.candidates(state, normals)).mapToDouble(fitness).toArray();
      state = strategy.next(state, normals, scores);
    }
    return fitness.applyAsDouble(state.mean());
  }

  private static double distance(double[] x, double[] best, double condition) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double weight = Math.pow(condition, (double) i / (x.length - 1));
      sum += weight * (x[i] - best[i]) * (x[i] - best[i]);
    }
    return sum;
  }

  private static double[] turned(double[] x) {
    double[] turned = new double[x.length];
    for (int i = 0; i < x.length / 2; i++) {
      int j = x.length - 1 - i;
      turned[i] = (x[i] + x[j]) / Math.sqrt(2);
      turned[j] = (x[i] - x[j]) / Math.sqrt(2);
    }
    return turned;
  }

  @ParameterizedTest
  @EnumSource(CovarianceShape.class)
  void equalStatesAndRewardsGiveEqualNextStatesBitForBit(CovarianceShape shape) {
    assertArrayEquals(run(shape, 0), run(shape, 0), 0);
    assertFalse(Arrays.equals(run(shape, 0), run(shape, 1)));
  }

  private static double[] run(CovarianceShape shape, long seed) {
    CmaEs strategy = new CmaEs(5, 8, shape);
    SearchState state = strategy.start(new double[5], 0.1);
    for (int t = 0; t < 20; t++) {
      double[][] normals = strategy.normals(seed, t);
      double[] scores =
          Arrays.stream(strategy.candidates(state, normals))
              .mapToDouble(x -> Math.rint(4 * Math.sin(x[0] + x[1] * x[2])))
              .toArray();
      state = strategy.next(state, normals, scores);
    }
    double[] mean = state.mean();
    mean[0] += state.sigma();
    return mean;
  }

  @Test
  void aDistributionMadeByMovingTheOptimumMovesWithIt() {
    double[] shift = {5, -3, 2, 0, 1};
    CmaEs strategy = new CmaEs(5, 8, CovarianceShape.FULL);
    SearchState here = strategy.start(new double[5], 0.3);
    SearchState there = strategy.start(shift, 0.3);
    double[] origin = new double[5];
    for (int t = 0; t < 30; t++) {
      double[][] normals = strategy.normals(1, t);
      here = strategy.next(here, normals, scores(strategy.candidates(here, normals), origin));
      there = strategy.next(there, normals, scores(strategy.candidates(there, normals), shift));
    }
    assertEquals(here.sigma(), there.sigma(), EXACT);
    for (int i = 0; i < 5; i++) {
      assertEquals(here.mean()[i] + shift[i], there.mean()[i], EXACT);
    }
  }

  private static double[] scores(double[][] candidates, double[] best) {
    return Arrays.stream(candidates).mapToDouble(x -> -distance(x, best, 10)).toArray();
  }

  @Property(tries = 100)
  void onlyTheRanksOfTheFitnessCount(
      @ForAll @LongRange(min = 0, max = 1000) long seed,
      @ForAll @DoubleRange(min = -1e3, max = 1e3) double constant) {
    CmaEs strategy = new CmaEs(4, 6, CovarianceShape.FULL);
    SearchState start = strategy.start(new double[4], 0.2);
    double[][] normals = strategy.normals(seed, 0);
    double[] fitness = {3, 1, 4, 1, 5, 9};
    double[] shifted = Arrays.stream(fitness).map(value -> 2 * value + constant).toArray();
    SearchState first = strategy.next(start, normals, fitness);
    SearchState second = strategy.next(start, normals, shifted);
    assertArrayEquals(first.mean(), second.mean(), 0);
    assertEquals(first.sigma(), second.sigma());
  }

  @Property(tries = 100)
  void theOrderOfDifferentCandidatesDoesNotMatter(
      @ForAll @LongRange(min = 0, max = 1000) long seed,
      @ForAll @IntRange(min = 1, max = 5) int k) {
    CmaEs strategy = new CmaEs(4, 6, CovarianceShape.FULL);
    SearchState start = strategy.start(new double[4], 0.2);
    double[][] normals = strategy.normals(seed, 0);
    double[] fitness = {3, 1, 4, 1.5, 5, 9};
    double[][] turnedNormals = new double[6][];
    double[] turnedFitness = new double[6];
    for (int i = 0; i < 6; i++) {
      turnedNormals[i] = normals[(i + k) % 6];
      turnedFitness[i] = fitness[(i + k) % 6];
    }
    assertArrayEquals(
        strategy.next(start, normals, fitness).mean(),
        strategy.next(start, turnedNormals, turnedFitness).mean(),
        0);
  }

  @Test
  void ofEqualCandidatesTheLowerIndexIsBetter() {
    assertArrayEquals(new int[] {1, 3, 0, 2}, CmaEs.bestFirst(new double[] {0, 2, -0.0, 2}));
  }

  @Test
  void aGenerationOfEqualFitnessSaysNothingAndHalvesTheStep() {
    assertFalse(CmaEs.isInformative(new double[] {0.5, 0.5, 0.5}));
    assertTrue(CmaEs.isInformative(new double[] {0.5, 0.5, 0.6}));
    SearchState start = new CmaEs(2, 4, CovarianceShape.FULL).start(new double[] {1, 2}, 0.8);
    assertEquals(0.4, start.halved().sigma());
    assertArrayEquals(start.mean(), start.halved().mean());
  }

  @Test
  void theDiagonalShapeLearnsFasterAndDecomposesNothing() {
    CmaConstants full = CmaConstants.of(10, 12, CovarianceShape.FULL);
    CmaConstants diagonal = CmaConstants.of(10, 12, CovarianceShape.DIAGONAL);
    assertEquals(4 * full.c1(), diagonal.c1(), EXACT);
    assertEquals(4 * full.cMu(), diagonal.cMu(), EXACT);
    assertEquals(1, full.decompositionInterval());
    // 1 / (10 * 1792 * (6.2e-7 + 3.0e-5)) = 1.8; four times the layers wait longer
    assertTrue(CmaConstants.of(4 * 1792, 24, CovarianceShape.FULL).decompositionInterval() > 3);
    double[] large = CmaConstants.of(1, 1000, CovarianceShape.DIAGONAL).weights();
    assertEquals(1, Arrays.stream(large).sum(), EXACT);
    CmaConstants capped = CmaConstants.of(2, 1000, CovarianceShape.FULL);
    assertEquals(1 - capped.c1(), capped.cMu(), EXACT);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRefused(
        "dimension is 0, expected at least 1: there is nothing to search",
        () -> new CmaEs(0, 4, CovarianceShape.FULL));
    assertRefused(
        "population is 1, expected at least 2 candidates",
        () -> new CmaEs(3, 1, CovarianceShape.FULL));
    CmaEs strategy = new CmaEs(2, 2, CovarianceShape.FULL);
    assertRefused(
        "mean has length 3, expected 2 like the dimension",
        () -> strategy.start(new double[3], 0.1));
    assertRefused(
        "sigma is 0.0, expected a number in [4.9E-324, 1.7976931348623157E308]",
        () -> strategy.start(new double[2], 0));
    SearchState start = strategy.start(new double[2], 0.1);
    double[][] normals = strategy.normals(0, 0);
    assertRefused(
        "fitness at index 1 is NaN, expected a finite number",
        () -> strategy.next(start, normals, new double[] {0, Double.NaN}));
    assertRefused(
        "fitness has length 3, expected 2 like normals",
        () -> strategy.next(start, normals, new double[3]));
    assertRefused(
        "normals has length 1, expected 2 like the population",
        () -> strategy.candidates(start, new double[1][2]));
    assertRefused(
        "normals[1] has length 1, expected 2 like the dimension",
        () -> strategy.candidates(start, new double[][] {{0, 0}, {0}}));
    assertRefused(
        "state.mean has length 3, expected 2 like the dimension",
        () ->
            strategy.candidates(
                new CmaEs(3, 2, CovarianceShape.FULL).start(new double[3], 1), normals));
  }
}

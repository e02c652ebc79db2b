package dev.troupe.algorithms.essa;

import dev.troupe.algorithms.Require;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The CMA evolution strategy (Hansen and Ostermeier 2001) as ESSA uses it (section 3), maximising.
 * One generation is: draw normals, make {@link #candidates}, evaluate all of them on the same
 * prompts, give the fitness to {@link #next}. Pure functions of a {@link SearchState}.
 */
public final class CmaEs {
  private final CmaConstants constants;
  private final CovarianceShape shape;

  /**
   * A strategy.
   *
   * @param dimension numbers to search, at least 1
   * @param population candidates in a generation, at least 2; ESSA uses 24 to 96
   * @param shape which covariance is adapted
   * @throws IllegalArgumentException if a number is too small
   */
  public CmaEs(int dimension, int population, CovarianceShape shape) {
    this.constants = CmaConstants.of(dimension, population, shape);
    this.shape = shape;
  }

  /**
   * The constants of the strategy.
   *
   * @return the constants
   */
  public CmaConstants constants() {
    return constants;
  }

  /**
   * The state before the first generation, with an identity covariance.
   *
   * @param mean where the search starts, length n; zeros for ESSA
   * @param sigma first step size, above 0; a tenth of the mean singular value for ESSA
   * @return the state
   * @throws IllegalArgumentException if the length differs or a number is out of its range
   */
  public SearchState start(double[] mean, double sigma) {
    Require.sameLength("the dimension", constants.dimension(), "mean", mean.length);
    double[] path = new double[mean.length];
    return new SearchState(0, mean, sigma, path, path, shape.identity(mean.length));
  }

  /**
   * The normals of a generation, drawn from where they are used; see {@link NormalDraws}.
   *
   * @param seed seed of the run
   * @param draw number of the draw: the generation, or a count that also grows when a generation is
   *     repeated
   * @return standard normal numbers, (lambda, n)
   */
  public double[][] normals(long seed, long draw) {
    double[][] normals = new double[constants.population()][];
    for (int k = 0; k < normals.length; k++) {
      normals[k] = NormalDraws.of(seed, draw, k, constants.dimension());
    }
    return normals;
  }

  /**
   * The candidates of a generation, {@code m + sigma * C^(1/2) z}.
   *
   * @param state the state
   * @param normals standard normal numbers z, (lambda, n)
   * @return search vectors, (lambda, n)
   * @throws IllegalArgumentException if a shape differs or a number is not finite
   */
  public double[][] candidates(SearchState state, double[][] normals) {
    requireFits(state, normals);
    double[] mean = state.mean();
    double[][] candidates = new double[normals.length][];
    for (int k = 0; k < candidates.length; k++) {
      double[] x = state.covariance().colour(normals[k]);
      for (int i = 0; i < x.length; i++) {
        x[i] = mean[i] + state.sigma() * x[i];
      }
      candidates[k] = x;
    }
    return candidates;
  }

  /**
   * The candidates by fitness.
   *
   * @param fitness fitness of each candidate, larger is better
   * @return indices, best first; of equal ones the lower index first
   * @throws IllegalArgumentException if a fitness is not finite
   */
  public static int[] bestFirst(double[] fitness) {
    Require.finite("fitness", fitness);
    return IntStream.range(0, fitness.length)
        .boxed()
        // Not a negation, which would put 0.0 before -0.0.
        .sorted(Comparator.comparingDouble(k -> 0 - fitness[k]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /**
   * Whether a generation says anything: not if all candidates are equally fit. Then halve the step
   * ({@link SearchState#halved}) and draw again; an update would only follow the order of indices.
   *
   * @param fitness fitness of each candidate
   * @return true if two differ
   */
  public static boolean isInformative(double[] fitness) {
    return Arrays.stream(fitness).anyMatch(value -> value != fitness[0]);
  }

  /**
   * The state after a generation.
   *
   * @param state the state that the candidates were made from
   * @param normals the normals that they were made from, (lambda, n)
   * @param fitness fitness of each candidate, larger is better, length lambda
   * @return the next state
   * @throws IllegalArgumentException if a shape differs or a number is not finite
   */
  public SearchState next(SearchState state, double[][] normals, double[] fitness) {
    requireFits(state, normals);
    Require.sameLength("normals", normals.length, "fitness", fitness.length);
    int[] order = bestFirst(fitness);
    int n = constants.dimension();
    double[] weights = constants.weights();
    double[][] steps = new double[weights.length][];
    double[] meanStep = new double[n];
    double[] meanNormal = new double[n];
    for (int k = 0; k < weights.length; k++) {
      double[] normal = normals[order[k]];
      steps[k] = state.covariance().colour(normal);
      for (int i = 0; i < n; i++) {
        meanStep[i] += weights[k] * steps[k][i];
        meanNormal[i] += weights[k] * normal[i];
      }
    }
    double[] mean = state.mean();
    for (int i = 0; i < n; i++) {
      mean[i] += state.sigma() * meanStep[i];
    }
    // C^(-1/2) of the mean step is the mean of the normals: no inverse is needed.
    double[] sigmaPath = path(state.sigmaPath(), constants.cSigma(), meanNormal);
    double length = length(sigmaPath);
    double gate = isLong(length, state.generation() + 1) ? 0 : 1;
    double[] covariancePath = path(state.covariancePath(), constants.cC(), scaled(meanStep, gate));
    double variance = (1 - gate) * constants.cC() * (2 - constants.cC());
    double kept = 1 - constants.c1() - constants.cMu() + constants.c1() * variance;
    return new SearchState(
        state.generation() + 1,
        mean,
        state.sigma()
            * StrictMath.exp(
                constants.cSigma() / constants.dSigma() * (length / constants.chiN() - 1)),
        sigmaPath,
        covariancePath,
        state.covariance().updated(constants, kept, covariancePath, steps));
  }

  /** {@code (1 - rate) path + sqrt(rate (2 - rate) muEff) step}. */
  private double[] path(double[] path, double rate, double[] step) {
    double scale = Math.sqrt(rate * (2 - rate) * constants.muEff());
    for (int i = 0; i < path.length; i++) {
      path[i] = (1 - rate) * path[i] + scale * step[i];
    }
    return path;
  }

  /**
   * Whether the update that led to a state let the covariance path move: h in the paper. It does
   * not while the step-size path is long, which means that the step is still growing.
   *
   * @param state a state after at least one update
   * @return true if h is 1
   */
  public boolean movedCovariancePath(SearchState state) {
    return !isLong(length(state.sigmaPath()), state.generation());
  }

  private boolean isLong(double length, long updates) {
    double settled = 1 - StrictMath.pow(1 - constants.cSigma(), 2.0 * updates);
    double limit = (1.4 + 2.0 / (constants.dimension() + 1)) * constants.chiN();
    return length / Math.sqrt(settled) >= limit;
  }

  private static double[] scaled(double[] vector, double factor) {
    return Arrays.stream(vector).map(value -> factor * value).toArray();
  }

  private static double length(double[] vector) {
    double squares = 0;
    for (double value : vector) {
      squares += value * value;
    }
    return Math.sqrt(squares);
  }

  private void requireFits(SearchState state, double[][] normals) {
    int n = constants.dimension();
    Require.sameLength("the dimension", n, "state.mean", state.covariance().dimension());
    Require.sameLength("the population", constants.population(), "normals", normals.length);
    for (int k = 0; k < normals.length; k++) {
      Require.sameLength("the dimension", n, "normals[" + k + "]", normals[k].length);
      Require.finite("normals[" + k + "]", normals[k]);
    }
  }
}

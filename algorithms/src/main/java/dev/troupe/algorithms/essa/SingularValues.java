package dev.troupe.algorithms.essa;

import dev.troupe.algorithms.Require;
import java.util.Arrays;

/**
 * The search parametrisation of one LoRA adapter (ESSA, section 3): the largest singular values of
 * its factors A and B are moved, their singular vectors stay. A search vector holds the offsets of
 * A, then those of B, each largest value first; a model's search vector is the concatenation over
 * its adapters.
 *
 * <p>Only the scaling can be searched: {@code B A} also depends on the overlap of the inner
 * singular vectors of both factors, which is fixed.
 */
public final class SingularValues {
  private final FactorDecomposition a;
  private final FactorDecomposition b;
  private final int perFactor;

  private SingularValues(FactorDecomposition a, FactorDecomposition b, int perFactor) {
    this.a = a;
    this.b = b;
    this.perFactor = perFactor;
  }

  /**
   * The factors of a LoRA adapter, float64.
   *
   * @param a the inner factor A, (rank, n)
   * @param b the outer factor B, (m, rank)
   */
  public record Factors(double[][] a, double[][] b) {
    /**
     * What the adapter adds to the weights of its matrix.
     *
     * @param scale the adapter's scale in training (LoRA's alpha over its rank)
     * @return {@code scale * B A}, (m, n)
     */
    public double[][] delta(double scale) {
      double[][] delta = Matrices.product(b, a);
      for (double[] row : delta) {
        for (int j = 0; j < row.length; j++) {
          row[j] *= scale;
        }
      }
      return delta;
    }
  }

  /**
   * Decomposes the factors of a trained adapter. Without training B is 0 and its singular vectors
   * mean nothing.
   *
   * @param factors the factors
   * @param alpha fraction of the singular values that is searched, in (0, 1]
   * @return the parametrisation
   * @throws IllegalArgumentException if the factors do not fit together, hold a number that is not
   *     finite, or {@code floor(alpha * rank)} is 0 or more than a factor has singular values
   */
  public static SingularValues of(Factors factors, double alpha) {
    var a = FactorDecomposition.of("A", factors.a());
    var b = FactorDecomposition.of("B", factors.b());
    int rank = factors.a().length;
    Require.sameLength("A", rank, "B[0]", factors.b()[0].length);
    int perFactor = SearchDimension.requireSearchable(rank, alpha);
    int fewest = Math.min(a.singularValues().length, b.singularValues().length);
    if (perFactor > fewest) {
      throw new IllegalArgumentException(
          "alpha %s of rank %d is %d singular values, but a factor has only %d"
              .formatted(alpha, rank, perFactor, fewest));
    }
    return new SingularValues(a, b, perFactor);
  }

  /**
   * The decomposition of A.
   *
   * @return the decomposition
   */
  public FactorDecomposition a() {
    return a;
  }

  /**
   * The decomposition of B.
   *
   * @return the decomposition
   */
  public FactorDecomposition b() {
    return b;
  }

  /**
   * Singular values that are searched in each factor.
   *
   * @return at least 1
   */
  public int perFactor() {
    return perFactor;
  }

  /**
   * Length of the adapter's search vector.
   *
   * @return {@code 2 * perFactor}
   */
  public int dimension() {
    return 2 * perFactor;
  }

  /**
   * The mean of the searched singular values; a tenth of it is a sensible first step size.
   *
   * @return the mean over both factors, 0 or more
   */
  public double meanSingularValue() {
    double sum = 0;
    for (FactorDecomposition factor : new FactorDecomposition[] {a, b}) {
      double[] values = factor.singularValues();
      for (int i = 0; i < perFactor; i++) {
        sum += values[i];
      }
    }
    return sum / dimension();
  }

  /**
   * The factors at a point of the search.
   *
   * @param x offsets of the adapter, length {@link #dimension}; 0 gives the trained factors bit for
   *     bit
   * @return new factors
   * @throws IllegalArgumentException if the length is wrong or an offset is not finite
   */
  public Factors candidate(double... x) {
    Require.sameLength("the search dimension", dimension(), "x", x.length);
    Require.finite("x", x);
    return new Factors(
        a.moved(Arrays.copyOfRange(x, 0, perFactor)),
        b.moved(Arrays.copyOfRange(x, perFactor, x.length)));
  }
}

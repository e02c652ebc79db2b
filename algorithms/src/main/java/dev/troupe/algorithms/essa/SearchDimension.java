package dev.troupe.algorithms.essa;

import dev.troupe.algorithms.Require;

/**
 * How many numbers ESSA searches over: {@code floor(alpha * rank)} singular values of each of the
 * two factors of each adapted matrix (ESSA, section 3).
 */
public final class SearchDimension {
  /** Lets 0.29 * 100, which float64 makes 28.999999999999996, count as 29. */
  private static final double ROUNDING = 1e-9;

  private SearchDimension() {}

  /**
   * Singular values that are searched in one factor.
   *
   * @param rank rank of the adapters, at least 1
   * @param alpha fraction of the singular values, in [0, 1]
   * @return {@code floor(alpha * rank)}; may be 0, which {@link #requireSearchable} refuses
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public static int perFactor(int rank, double alpha) {
    requireAtLeastOne("rank", rank);
    Require.within("alpha", alpha, 0, 1);
    return (int) Math.floor(alpha * rank + ROUNDING);
  }

  /**
   * Numbers that are searched in a whole model of equal layers.
   *
   * @param layers adapted layers, at least 1
   * @param matricesPerLayer adapted matrices in each, at least 1
   * @param rank rank of the adapters, at least 1
   * @param alpha fraction of the singular values, in [0, 1]
   * @return {@code layers * matricesPerLayer * 2 * floor(alpha * rank)}
   * @throws IllegalArgumentException if an argument is out of its range
   * @throws ArithmeticException if the result is above {@link Integer#MAX_VALUE}
   */
  public static int of(int layers, int matricesPerLayer, int rank, double alpha) {
    requireAtLeastOne("layers", layers);
    requireAtLeastOne("matricesPerLayer", matricesPerLayer);
    return Math.multiplyExact(
        Math.multiplyExact(layers, matricesPerLayer), 2 * perFactor(rank, alpha));
  }

  /**
   * Singular values that are searched in one factor, refusing a search over none.
   *
   * @param rank rank of the adapters, at least 1
   * @param alpha fraction of the singular values, in [0, 1]
   * @return {@code floor(alpha * rank)}, at least 1
   * @throws IllegalArgumentException if that is 0, or an argument is out of its range
   */
  public static int requireSearchable(int rank, double alpha) {
    int values = perFactor(rank, alpha);
    if (values == 0) {
      throw new IllegalArgumentException(
          "alpha %s of rank %d leaves 0 singular values to search, expected alpha of at least %s"
              .formatted(alpha, rank, 1.0 / rank));
    }
    return values;
  }

  private static void requireAtLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s is %d, expected at least 1".formatted(name, value));
    }
  }
}

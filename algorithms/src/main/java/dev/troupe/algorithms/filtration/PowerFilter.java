package dev.troupe.algorithms.filtration;

import java.util.Arrays;
import java.util.function.DoubleSupplier;

/**
 * Weights proportional to {@code |reward|^k} (PF-PPO's pow-k): extremes of both signs count most.
 * The rewards must be centred, or |reward| is the distance from an arbitrary zero.
 *
 * @param exponent k, 0 or more; the paper tries 1, 2 and 3
 */
public record PowerFilter(double exponent) implements RankFilter {
  /** Responses that {@link #select} draws, as many as the filters by rank keep. */
  private static final int SELECTED = 2;

  /**
   * Checks the exponent.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public PowerFilter {
    if (!(exponent >= 0 && exponent < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("exponent is %s, expected 0 or more".formatted(exponent));
    }
  }

  /** Scaled so that the largest is 1; all 1 if every reward is 0. */
  @Override
  public double[] relativeWeights(double[] rewards) {
    RankFilter.bestFirst(rewards);
    double largest = Arrays.stream(rewards).map(Math::abs).max().orElseThrow();
    return Arrays.stream(rewards)
        .map(reward -> largest == 0 ? 1 : Math.pow(Math.abs(reward) / largest, exponent))
        .toArray();
  }

  /** Two independent draws from the weights. */
  @Override
  public int[] select(double[] rewards, DoubleSupplier uniform) {
    return draw(rewards, SELECTED, uniform);
  }
}

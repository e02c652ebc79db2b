package dev.troupe.algorithms.filtration;

import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

/**
 * The threshold versions of PF-PPO: each response is kept with a probability that depends on its
 * reward alone. Above {@code high} it is always kept, below {@code low} and in between with
 * probabilities of their own. The published ones are {@link #top}, {@link #topRandom} and {@link
 * #topBottom}.
 *
 * @param low rewards below this are at the bottom; at most {@code high}; may be infinite
 * @param high rewards above this are at the top; may be infinite
 * @param middle probability of keeping a response in between, in [0, 1]
 * @param bottom probability of keeping one at the bottom, in [0, 1]
 */
public record ThresholdFilter(double low, double high, double middle, double bottom)
    implements RankFilter {
  /** Probability with which top-random keeps what is not at the top. */
  private static final double RANDOM = 0.5;

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if the thresholds cross or a probability is outside [0, 1]
   */
  public ThresholdFilter {
    if (!(low <= high)) {
      throw new IllegalArgumentException(
          "low is %s and high is %s, expected low to be at most high".formatted(low, high));
    }
    Require.within("middle", middle, 0, 1);
    Require.within("bottom", bottom, 0, 1);
  }

  /**
   * Only rewards above a threshold.
   *
   * @param high the threshold
   * @return the filter
   */
  public static ThresholdFilter top(double high) {
    return new ThresholdFilter(high, high, 0, 0);
  }

  /**
   * Rewards above a threshold, and half of the others.
   *
   * @param high the threshold
   * @return the filter
   */
  public static ThresholdFilter topRandom(double high) {
    return new ThresholdFilter(high, high, RANDOM, RANDOM);
  }

  /**
   * Rewards above one threshold and below another.
   *
   * @param low the lower threshold
   * @param high the upper threshold
   * @return the filter
   */
  public static ThresholdFilter topBottom(double low, double high) {
    return new ThresholdFilter(low, high, 0, 1);
  }

  /** The probability with which each response is kept. */
  @Override
  public double[] relativeWeights(double[] rewards) {
    RankFilter.bestFirst(rewards);
    double[] weights = new double[rewards.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = rewards[i] > high ? 1 : rewards[i] < low ? bottom : middle;
    }
    return weights;
  }

  /** Draws one number for each response, in order. */
  @Override
  public int[] select(double[] rewards, DoubleSupplier uniform) {
    double[] weights = relativeWeights(rewards);
    if (GroupAdvantage.isConstant(rewards)) {
      return new int[0];
    }
    return IntStream.range(0, weights.length)
        .filter(i -> RankFilter.next(uniform) < weights[i])
        .toArray();
  }
}

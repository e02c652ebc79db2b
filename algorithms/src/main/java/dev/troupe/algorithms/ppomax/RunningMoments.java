package dev.troupe.algorithms.ppomax;

import dev.troupe.algorithms.Require;

/**
 * Mean and variance of every reward seen so far, merged batch by batch (Chan et al. 1979).
 * Immutable: {@link #including} gives the next one. Save the three numbers with a checkpoint; a
 * restart without them would change the scale of the rewards.
 *
 * @param count rewards seen; starts at a number that is next to nothing, so that the first batch
 *     needs no case of its own
 * @param mean their mean
 * @param variance their population variance, 0 or more
 */
public record RunningMoments(double count, double mean, double variance) {
  /** The count of no rewards in the authors' code. */
  public static final double INITIAL_COUNT = 1e-24;

  /**
   * A deviation of at most this is not spread, but rounding (there in units of the mean), or what
   * the initial count brings in: the root of 1e-24.
   */
  private static final double SMALLEST = 1e-11;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is not finite, the count is not above 0, or the
   *     variance is negative
   */
  public RunningMoments {
    Require.within("count", count, Double.MIN_VALUE, Double.MAX_VALUE);
    Require.within("mean", mean, -Double.MAX_VALUE, Double.MAX_VALUE);
    Require.within("variance", variance, 0, Double.MAX_VALUE);
  }

  /**
   * The moments before any reward: mean 0, variance 1.
   *
   * @return the moments
   */
  public static RunningMoments none() {
    return new RunningMoments(INITIAL_COUNT, 0, 1);
  }

  /**
   * The moments after one more batch.
   *
   * @param rewards the batch; may be empty
   * @return new moments
   * @throws IllegalArgumentException if a reward is not finite
   */
  public RunningMoments including(double[] rewards) {
    Require.finite("rewards", rewards);
    int n = rewards.length;
    if (n == 0) {
      return this;
    }
    double batchMean = 0;
    for (double reward : rewards) {
      batchMean += reward / n;
    }
    double squares = 0;
    for (double reward : rewards) {
      squares += (reward - batchMean) * (reward - batchMean);
    }
    double total = count + n;
    double difference = batchMean - mean;
    double allSquares = squares + variance * count + difference * difference * count * (n / total);
    return new RunningMoments(total, mean + difference * (n / total), allSquares / total);
  }

  /**
   * The sample deviation, {@code sqrt(variance * count / (count - 1))}, made safe to divide by.
   *
   * @return above 0; 1 if fewer than two rewards were seen, or all were equal
   */
  public double deviation() {
    if (count < 2) {
      return 1;
    }
    double deviation = Math.sqrt(variance * count / (count - 1));
    return deviation > SMALLEST * Math.max(1, Math.abs(mean)) ? deviation : 1;
  }
}

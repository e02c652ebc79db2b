package dev.troupe.runtime.statistics;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Intervals without an assumption about the distribution (Efron and Tibshirani 1993, ch. 13): the
 * observed values stand for the population, and samples are drawn from them again and again.
 */
public final class Bootstrap {
  private static final int RESAMPLES = 10_000;

  /** For statistics that cost more than a mean. */
  private static final int FEW_RESAMPLES = 1_000;

  private static final double TAIL = 0.025;

  private Bootstrap() {}

  /**
   * The 95% percentile interval of a mean. Equal values, and so a single one, show no spread: their
   * interval is a point.
   *
   * @param values finite and independent of each other, at least one
   * @param seed of the resampling; the same seed gives the same interval
   */
  public static Interval meanInterval95(double[] values, long seed) {
    requireFinite(values);
    var random = new SplittableRandom(seed);
    double[] means = new double[RESAMPLES];
    for (int resample = 0; resample < RESAMPLES; resample++) {
      double sum = 0;
      for (int draw = 0; draw < values.length; draw++) {
        sum += values[random.nextInt(values.length)];
      }
      means[resample] = sum / values.length;
    }
    Arrays.sort(means);
    int cut = (int) Math.round(TAIL * RESAMPLES);
    return new Interval(means[cut], means[RESAMPLES - 1 - cut]);
  }

  /**
   * The 95% percentile interval of any statistic of a sample.
   *
   * @param size of the sample, at least 1
   * @param statistic its value on the observations at these indices, which may repeat
   * @param seed of the resampling; the same seed gives the same interval
   */
  public static Interval interval95(int size, ToDoubleFunction<int[]> statistic, long seed) {
    if (size < 1) {
      throw new IllegalArgumentException("an interval needs at least one value, got none");
    }
    var random = new SplittableRandom(seed);
    double[] values = new double[FEW_RESAMPLES];
    for (int resample = 0; resample < FEW_RESAMPLES; resample++) {
      values[resample] = statistic.applyAsDouble(random.ints(size, 0, size).toArray());
    }
    Arrays.sort(values);
    int cut = (int) Math.round(TAIL * FEW_RESAMPLES);
    return new Interval(values[cut], values[FEW_RESAMPLES - 1 - cut]);
  }

  private static void requireFinite(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("an interval needs at least one value, got none");
    }
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException("value " + i + " is not finite: " + values[i]);
      }
    }
  }
}

package dev.troupe.runtime.record;

import dev.troupe.runtime.statistics.Bootstrap;
import dev.troupe.runtime.statistics.Interval;
import dev.troupe.runtime.statistics.Proportion;
import java.util.Arrays;

/**
 * What an evaluation found, with how sure it is.
 *
 * <p>The unit is the prompt: several completions of one prompt are averaged first, for they are not
 * independent of each other, and an interval over completions would be too narrow.
 *
 * @param quantity what was measured
 * @param value the mean over the prompts; a share of 1 for an accuracy
 * @param interval95 its 95% interval, in the same unit
 * @param prompts how many prompts were measured, at least 1
 */
public record Measure(Quantity quantity, double value, Interval interval95, int prompts) {

  /**
   * An accuracy. Where each prompt is wholly right or wholly wrong, as with one completion each,
   * the interval is Wilson's, which keeps a width at 0% and 100%; otherwise it is bootstrapped.
   *
   * @param right share of right completions of each prompt, in [0, 1]; at least one prompt
   * @param seed of the resampling; the same seed gives the same interval
   */
  public static Measure accuracy(double[] right, long seed) {
    for (double share : right) {
      if (!(0 <= share && share <= 1)) {
        throw new IllegalArgumentException("a share lies in [0, 1], got " + share);
      }
    }
    if (right.length > 0 && Arrays.stream(right).allMatch(share -> share == 0 || share == 1)) {
      return accuracy(new Proportion((int) Arrays.stream(right).sum(), right.length));
    }
    return mean(Quantity.ACCURACY, right, seed);
  }

  /** An accuracy on prompts with one completion each. */
  public static Measure accuracy(Proportion right) {
    return new Measure(Quantity.ACCURACY, right.value(), right.wilson95(), right.trials());
  }

  /**
   * A mean reward with its bootstrapped interval.
   *
   * @param rewards mean total reward of each prompt, finite; at least one prompt
   * @param seed of the resampling; the same seed gives the same interval
   */
  public static Measure meanReward(double[] rewards, long seed) {
    return mean(Quantity.MEAN_REWARD, rewards, seed);
  }

  /**
   * A mean of any quantity with its bootstrapped interval.
   *
   * @param scores one of each prompt, finite; at least one prompt
   * @param seed of the resampling; the same seed gives the same interval
   */
  public static Measure mean(Quantity quantity, double[] scores, long seed) {
    Interval interval = Bootstrap.meanInterval95(scores, seed);
    return new Measure(
        quantity, Arrays.stream(scores).sum() / scores.length, interval, scores.length);
  }

  /** The value as people read it. */
  public String valueText() {
    return quantity.text(value);
  }

  /** The interval as people read it: {@code 8.5% to 16.6%}. */
  public String intervalText() {
    return quantity.text(interval95.low()) + " to " + quantity.text(interval95.high());
  }
}

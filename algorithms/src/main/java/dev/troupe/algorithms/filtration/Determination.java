package dev.troupe.algorithms.filtration;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How well rewards explain true scores (PF-PPO, section 3.3): the coefficient of determination of a
 * line fitted by least squares. A filter whose survivors have a high one keeps what the reward
 * model is right about; this is a guide to choosing the filter before training, not a guarantee.
 *
 * @param intercept a of {@code score = a + b * reward}
 * @param slope b; 0 if all rewards are equal
 * @param r2 {@code 1 - sum (s - fit)^2 / sum (s - mean)^2}, in [0, 1]; 0 if all rewards or all
 *     scores are equal
 */
public record Determination(double intercept, double slope, double r2) {
  /** A filter with its coefficient of determination. */
  public record Ranked(RankFilter filter, Determination determination) {}

  /**
   * The fit to samples that count the same.
   *
   * @param rewards reward of each sample
   * @param scores true score of each sample
   * @return the fit
   * @throws IllegalArgumentException if there is no sample, the lengths differ, or a number is not
   *     finite
   */
  public static Determination of(double[] rewards, double[] scores) {
    double[] ones = new double[rewards.length];
    Arrays.fill(ones, 1);
    return weighted(rewards, scores, ones);
  }

  /**
   * The fit to weighted samples: the expectation over what a filter would select, without
   * selecting.
   *
   * @param rewards reward of each sample
   * @param scores true score of each sample
   * @param weights weight of each sample in the means, the slope and the sums, 0 or more, not all 0
   * @return the fit
   * @throws IllegalArgumentException if the lengths differ, a number is not finite, a weight is
   *     negative, or no weight is above 0
   */
  public static Determination weighted(double[] rewards, double[] scores, double[] weights) {
    requireSamples(rewards, scores, weights);
    double total = Arrays.stream(weights).sum();
    double reward = mean(rewards, weights, total);
    double score = mean(scores, weights, total);
    double rewardSquares = 0;
    double scoreSquares = 0;
    double products = 0;
    for (int i = 0; i < rewards.length; i++) {
      rewardSquares += weights[i] * (rewards[i] - reward) * (rewards[i] - reward);
      scoreSquares += weights[i] * (scores[i] - score) * (scores[i] - score);
      products += weights[i] * (rewards[i] - reward) * (scores[i] - score);
    }
    if (isConstant(rewards, weights)) {
      return new Determination(score, 0, 0);
    }
    double slope = products / rewardSquares;
    double intercept = score - slope * reward;
    if (isConstant(scores, weights)) {
      return new Determination(intercept, slope, 0);
    }
    double residual = 0;
    for (int i = 0; i < rewards.length; i++) {
      double error = scores[i] - intercept - slope * rewards[i];
      residual += weights[i] * error * error;
    }
    return new Determination(intercept, slope, Math.max(0, 1 - residual / scoreSquares));
  }

  /**
   * The fit to groups of samples with similar reward, as in the paper: the samples are sorted by
   * reward and cut into bins of equal numbers, and the line is fitted to the bins' means.
   *
   * @param rewards reward of each sample
   * @param scores true score of each sample
   * @param weights weight of each sample in its bin's means; a sample of weight 0 is left out
   * @param bins how many bins, at least 1; if there are fewer samples, each is a bin
   * @return the fit
   * @throws IllegalArgumentException as {@link #weighted}, or if {@code bins} is below 1
   */
  public static Determination binned(
      double[] rewards, double[] scores, double[] weights, int bins) {
    requireSamples(rewards, scores, weights);
    if (bins < 1) {
      throw new IllegalArgumentException("bins is %d, expected at least 1".formatted(bins));
    }
    int[] order =
        IntStream.range(0, rewards.length)
            .filter(i -> weights[i] > 0)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> rewards[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    int count = Math.min(bins, order.length);
    double[] binReward = new double[count];
    double[] binScore = new double[count];
    for (int bin = 0; bin < count; bin++) {
      int from = (int) ((long) bin * order.length / count);
      int to = (int) ((bin + 1L) * order.length / count);
      double total = 0;
      for (int i = from; i < to; i++) {
        total += weights[order[i]];
      }
      for (int i = from; i < to; i++) {
        binReward[bin] += weights[order[i]] / total * rewards[order[i]];
        binScore[bin] += weights[order[i]] / total * scores[order[i]];
      }
    }
    return of(binReward, binScore);
  }

  /**
   * Compares filters on samples of the policy before training.
   *
   * @param filters the filters
   * @param rewards for each prompt the reward of each response
   * @param scores for each prompt the true score of each response
   * @param bins as in {@link #binned}
   * @return the filters, highest coefficient first; of equal ones in the order given
   * @throws IllegalArgumentException if the lengths differ, a number is not finite, or a filter
   *     keeps no response of any prompt
   */
  public static List<Ranked> compare(
      List<? extends RankFilter> filters, double[][] rewards, double[][] scores, int bins) {
    Require.sameLength("rewards", rewards.length, "scores", scores.length);
    for (int p = 0; p < rewards.length; p++) {
      Require.sameLength(
          "rewards[" + p + "]", rewards[p].length, "scores[" + p + "]", scores[p].length);
    }
    double[] allRewards = flat(rewards);
    double[] allScores = flat(scores);
    List<Ranked> ranked = new ArrayList<>();
    for (RankFilter filter : filters) {
      double[] weights = flat(Arrays.stream(rewards).map(filter::weights).toArray(double[][]::new));
      ranked.add(new Ranked(filter, binned(allRewards, allScores, weights, bins)));
    }
    ranked.sort(Comparator.comparingDouble(one -> -one.determination().r2()));
    return List.copyOf(ranked);
  }

  private static double mean(double[] values, double[] weights, double total) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += weights[i] * values[i];
    }
    return sum / total;
  }

  /** Whether the values that count are all equal; a sum of squares would not be exactly 0. */
  private static boolean isConstant(double[] values, double[] weights) {
    return IntStream.range(0, values.length)
            .filter(i -> weights[i] > 0)
            .mapToDouble(i -> values[i])
            .distinct()
            .limit(2)
            .count()
        < 2;
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  private static void requireSamples(double[] rewards, double[] scores, double[] weights) {
    Require.sameLength("rewards", rewards.length, "scores", scores.length);
    Require.sameLength("rewards", rewards.length, "weights", weights.length);
    Require.finite("rewards", rewards);
    Require.finite("scores", scores);
    for (int i = 0; i < weights.length; i++) {
      Require.within("weights[" + i + "]", weights[i], 0, Double.MAX_VALUE);
    }
    if (Arrays.stream(weights).noneMatch(weight -> weight > 0)) {
      throw new IllegalArgumentException(
          "no sample of %d has a weight above 0, expected at least 1".formatted(weights.length));
    }
  }
}

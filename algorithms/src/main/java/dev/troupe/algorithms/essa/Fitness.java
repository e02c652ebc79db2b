package dev.troupe.algorithms.essa;

import dev.troupe.algorithms.Require;
import java.util.Arrays;

/**
 * The fitness of the candidates of a generation: the mean reward of each on prompts that all of
 * them were given (ESSA, algorithm 1; one mini-batch for all of them, because the noise of a batch
 * of its own is larger than most differences between candidates).
 */
public final class Fitness {
  private Fitness() {}

  /**
   * The mean reward of each candidate. A completion whose scoring failed is left out and never
   * counts as 0. So that a candidate does not gain or lose by which prompts that hits, the rewards
   * are then compared with the mean of all candidates on the same completion: {@code F_k = mean
   * over its scored i of (r_ki - mean_i) + mean of all mean_i}, which is its plain mean where
   * nothing failed.
   *
   * @param rewards reward of completion i of candidate k, NaN where scoring failed, (lambda, i)
   * @return the fitness of each candidate; NaN for one without any scored completion
   * @throws IllegalArgumentException if the array is empty or ragged, or a reward is infinite
   */
  public static double[] of(double[][] rewards) {
    if (rewards.length == 0 || rewards[0].length == 0) {
      throw new IllegalArgumentException(
          "rewards is empty, expected at least 1 candidate and 1 reward");
    }
    boolean complete = true;
    for (int k = 0; k < rewards.length; k++) {
      Require.sameLength("rewards[0]", rewards[0].length, "rewards[" + k + "]", rewards[k].length);
      for (double reward : rewards[k]) {
        if (Double.isInfinite(reward)) {
          throw new IllegalArgumentException(
              "rewards[%d] holds %s, expected finite numbers, or NaN where scoring failed"
                  .formatted(k, reward));
        }
        complete &= !Double.isNaN(reward);
      }
    }
    return complete ? means(rewards) : adjusted(rewards);
  }

  /**
   * The fitness with candidates of unknown fitness put in the middle: at the mean of the others, so
   * that they are neither preferred nor blamed.
   *
   * @param fitness what {@link #of} gave
   * @return a new array of finite numbers, all 0 where nothing is known
   */
  public static double[] ranked(double[] fitness) {
    double mean = mean(fitness);
    double middle = Double.isNaN(mean) ? 0 : mean;
    return Arrays.stream(fitness).map(value -> Double.isNaN(value) ? middle : value).toArray();
  }

  private static double[] means(double[][] rewards) {
    return Arrays.stream(rewards).mapToDouble(Fitness::mean).toArray();
  }

  private static double[] adjusted(double[][] rewards) {
    double[] level = new double[rewards[0].length];
    for (int i = 0; i < level.length; i++) {
      int column = i;
      level[i] = mean(Arrays.stream(rewards).mapToDouble(row -> row[column]).toArray());
    }
    double overall = mean(level);
    double[] fitness = new double[rewards.length];
    for (int k = 0; k < fitness.length; k++) {
      double[] gain = new double[level.length];
      for (int i = 0; i < gain.length; i++) {
        gain[i] = rewards[k][i] - level[i];
      }
      fitness[k] = mean(gain) + overall;
    }
    return fitness;
  }

  /** The mean of the numbers that are there; NaN of none. */
  private static double mean(double[] values) {
    double sum = 0;
    int count = 0;
    for (double value : values) {
      if (!Double.isNaN(value)) {
        sum += value;
        count++;
      }
    }
    return count == 0 ? Double.NaN : sum / count;
  }
}

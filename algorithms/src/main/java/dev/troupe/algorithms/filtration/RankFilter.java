package dev.troupe.algorithms.filtration;

import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

/**
 * Which of the responses to one prompt are trained on (PF-PPO, section 3). The survivors are then
 * used as if the policy had only sampled them, without importance weights; whiten their advantages
 * after filtering, not before.
 *
 * <p>Ranks are by reward, best first; of equal rewards the lower index ranks first, so that the
 * worst is the last of the lowest. Rewards that are all equal hold no information: {@link #select}
 * drops the prompt.
 */
public interface RankFilter {
  /**
   * The weights before they are made to sum to 1.
   *
   * @param rewards reward of each response to one prompt, at least 1
   * @return a weight for each response, in the order of {@code rewards}, 0 or more
   * @throws IllegalArgumentException if there is no reward, or one is not finite
   */
  double[] relativeWeights(double[] rewards);

  /**
   * The responses to train on.
   *
   * @param rewards reward of each response to one prompt, at least 1
   * @param uniform independent numbers in [0, 1), for example {@code new
   *     SplittableRandom(seed)::nextDouble}; the same numbers give the same selection
   * @return indices into {@code rewards}, possibly repeated; empty if all rewards are equal
   * @throws IllegalArgumentException if there is no reward, one is not finite, or a number drawn is
   *     outside [0, 1)
   */
  int[] select(double[] rewards, DoubleSupplier uniform);

  /**
   * The distribution over the responses.
   *
   * @param rewards reward of each response to one prompt, at least 1
   * @return a probability for each response, sum 1; or zeros if the filter keeps none
   * @throws IllegalArgumentException if there is no reward, or one is not finite
   */
  default double[] weights(double[] rewards) {
    double[] weights = relativeWeights(rewards);
    double total = Arrays.stream(weights).sum();
    return total == 0 ? weights : Arrays.stream(weights).map(weight -> weight / total).toArray();
  }

  /**
   * Independent draws from {@link #weights}, as the authors' reweighting code makes them.
   *
   * @param rewards reward of each response to one prompt, at least 1
   * @param count how many, 0 or more
   * @param uniform independent numbers in [0, 1)
   * @return indices into {@code rewards}, possibly repeated; empty if all rewards are equal or the
   *     filter keeps none
   * @throws IllegalArgumentException as {@link #select}, or if {@code count} is negative
   */
  default int[] draw(double[] rewards, int count, DoubleSupplier uniform) {
    if (count < 0) {
      throw new IllegalArgumentException("count is %d, expected 0 or more".formatted(count));
    }
    double[] weights = weights(rewards);
    int[] kept = IntStream.range(0, weights.length).filter(i -> weights[i] > 0).toArray();
    if (GroupAdvantage.isConstant(rewards) || kept.length == 0) {
      return new int[0];
    }
    int[] drawn = new int[count];
    for (int i = 0; i < count; i++) {
      double left = next(uniform);
      int at = 0;
      // Rounding may leave a rest after the last weight, which then belongs to it.
      while (at < kept.length - 1 && left >= weights[kept[at]]) {
        left -= weights[kept[at]];
        at++;
      }
      drawn[i] = kept[at];
    }
    return drawn;
  }

  /**
   * The responses by rank.
   *
   * @param rewards reward of each response
   * @return indices, best first; of equal rewards the lower index first
   * @throws IllegalArgumentException if there is no reward, or one is not finite
   */
  static int[] bestFirst(double[] rewards) {
    if (rewards.length == 0) {
      throw new IllegalArgumentException("rewards is empty, expected at least 1 reward");
    }
    Require.finite("rewards", rewards);
    return IntStream.range(0, rewards.length)
        .boxed()
        // Not a negation, which would put 0.0 before -0.0.
        .sorted(Comparator.comparingDouble(i -> 0 - rewards[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** One number of a source of uniform numbers, checked. */
  static double next(DoubleSupplier uniform) {
    double number = uniform.getAsDouble();
    if (!(number >= 0 && number < 1)) {
      throw new IllegalArgumentException(
          "uniform gave %s, expected a number in [0, 1)".formatted(number));
    }
    return number;
  }
}

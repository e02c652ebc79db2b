package dev.troupe.algorithms.bestofn;

import dev.troupe.algorithms.Require;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The policy that draws n answers and gives the one with the highest reward. Of equal rewards it
 * gives the one that was drawn first.
 *
 * @param n answers drawn, at least 1
 */
public record BestOfN(int n) {
  /** How far given probabilities may sum from 1. */
  public static final double PROBABILITY_TOLERANCE = 1e-6;

  /**
   * Checks n.
   *
   * @throws IllegalArgumentException if n is below 1
   */
  public BestOfN {
    if (n < 1) {
      throw new IllegalArgumentException("n is " + n + ", expected at least 1");
    }
  }

  /**
   * The choice itself.
   *
   * @param rewards reward of each answer drawn
   * @return index of the highest reward, the lowest such index
   * @throws IllegalArgumentException if there is no reward, or one is not finite
   */
  public static int best(double[] rewards) {
    requireSome("rewards", rewards);
    Require.finite("rewards", rewards);
    int best = 0;
    for (int i = 1; i < rewards.length; i++) {
      if (rewards[i] > rewards[best]) {
        best = i;
      }
    }
    return best;
  }

  /**
   * The exact distribution of the answer given,
   *
   * <pre>P(i) = (F(r_i)^n - F(r_i-)^n) * p_i / P(reward = r_i)</pre>
   *
   * where F(r) is the probability that the base draws a reward of at most r, and F(r-) one below r:
   * the best of n has reward r_i, and among the answers with that reward the first one drawn is
   * distributed as the base draws them.
   *
   * @param base probability of each answer under the base, summing to 1
   * @param rewards reward of each answer
   * @return a new array of probabilities
   * @throws IllegalArgumentException if the lengths differ or are 0, a reward is not finite, or
   *     {@code base} is not a distribution
   */
  public double[] distribution(double[] base, double[] rewards) {
    requireDistribution("base", base);
    Require.sameLength("base", base.length, "rewards", rewards.length);
    Require.finite("rewards", rewards);
    Integer[] rising = rising(rewards);
    double[] best = new double[base.length];
    double total = Arrays.stream(base).sum();
    double upTo = 0;
    for (int from = 0; from < rising.length; ) {
      int to = from;
      double level = 0;
      while (to < rising.length && rewards[rising[to]] == rewards[rising[from]]) {
        level += base[rising[to]];
        to++;
      }
      upTo += level / total;
      for (int i = from; i < to && level > 0; i++) {
        best[rising[i]] = growth(level / total, upTo) * base[rising[i]] / level;
      }
      from = to;
    }
    return best;
  }

  /** {@code upTo^n - (upTo - level)^n} without cancellation where the level is unlikely. */
  private double growth(double level, double upTo) {
    double share = Math.min(1, level / upTo);
    return -Math.pow(upTo, n) * Math.expm1(n * Math.log1p(-share));
  }

  /**
   * The expected reward of a policy over finitely many answers.
   *
   * @param probabilities probability of each answer
   * @param rewards reward of each answer
   * @return the expectation
   * @throws IllegalArgumentException if the lengths differ or are 0, a reward is not finite, or the
   *     probabilities are not a distribution
   */
  public static double expectedReward(double[] probabilities, double[] rewards) {
    requireDistribution("probabilities", probabilities);
    Require.sameLength("probabilities", probabilities.length, "rewards", rewards.length);
    Require.finite("rewards", rewards);
    return IntStream.range(0, rewards.length).mapToDouble(i -> probabilities[i] * rewards[i]).sum();
  }

  /**
   * The exact divergence {@code KL(policy, base) = sum of policy * ln(policy / base)}.
   *
   * @param policy probability of each answer under a policy
   * @param base the same under its base, above 0 wherever the policy is
   * @return divergence, nats; answers that the policy never gives count 0
   * @throws IllegalArgumentException if the lengths differ, either is not a distribution, or the
   *     policy gives an answer that the base never does
   */
  public static double divergence(double[] policy, double[] base) {
    requireDistribution("policy", policy);
    requireDistribution("base", base);
    Require.sameLength("policy", policy.length, "base", base.length);
    double sum = 0;
    for (int i = 0; i < policy.length; i++) {
      if (policy[i] > 0) {
        if (base[i] == 0) {
          throw new IllegalArgumentException(
              "base[%d] is 0.0, expected a number above 0 like policy[%d]".formatted(i, i));
        }
        sum += policy[i] * Math.log(policy[i] / base[i]);
      }
    }
    return sum;
  }

  /**
   * The usual bound on the divergence from the base, {@code ln n - (n - 1) / n}: reached when no
   * two answers have the same reward and none is likely; otherwise the true divergence is smaller.
   *
   * @return bound, nats
   */
  public double divergenceBound() {
    return Math.log(n) - (n - 1.0) / n;
  }

  /**
   * The expected value of best-of-n, estimated without bias from m >= n answers drawn once: the
   * mean over all subsets of n answers of the value of the best one (Nakano et al. 2021, appendix
   * I). With the rewards themselves as values it is the expected reward, with 0 and 1 pass@n.
   *
   * @param rewards what the choice is made by, for example a reward model, length m
   * @param values what the choice is judged by, for example the gold reward, length m; among equal
   *     rewards each answer is as likely to be first
   * @return the estimate
   * @throws IllegalArgumentException if the lengths differ, are below n, or a number is not finite
   */
  public double estimate(double[] rewards, double[] values) {
    Require.sameLength("rewards", rewards.length, "values", values.length);
    Require.finite("rewards", rewards);
    Require.finite("values", values);
    int m = rewards.length;
    if (m < n) {
      throw new IllegalArgumentException(
          "rewards has length %d, expected at least n = %d".formatted(m, n));
    }
    Integer[] rising = rising(rewards);
    double estimate = 0;
    double shareBelow = 0;
    for (int from = 0; from < m; ) {
      int to = from;
      double sum = 0;
      while (to < m && rewards[rising[to]] == rewards[rising[from]]) {
        sum += values[rising[to]];
        to++;
      }
      double share = shareOfSubsetsWithin(to, m);
      estimate += (share - shareBelow) * sum / (to - from);
      shareBelow = share;
      from = to;
    }
    return estimate;
  }

  /** The fraction of the subsets of n out of m that lie within the first k. */
  private double shareOfSubsetsWithin(int k, int m) {
    double share = 1;
    for (int i = 0; i < n; i++) {
      share *= Math.max(0, k - i) / (double) (m - i);
    }
    return share;
  }

  private static Integer[] rising(double[] rewards) {
    return IntStream.range(0, rewards.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> rewards[i]))
        .toArray(Integer[]::new);
  }

  private static void requireDistribution(String name, double[] probabilities) {
    requireSome(name, probabilities);
    for (int i = 0; i < probabilities.length; i++) {
      Require.within(name + "[" + i + "]", probabilities[i], 0, 1 + PROBABILITY_TOLERANCE);
    }
    double total = Arrays.stream(probabilities).sum();
    if (!(Math.abs(total - 1) <= PROBABILITY_TOLERANCE)) {
      throw new IllegalArgumentException("%s sums to %s, expected 1".formatted(name, total));
    }
  }

  private static void requireSome(String name, double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException(name + " is empty, expected at least 1 answer");
    }
  }
}

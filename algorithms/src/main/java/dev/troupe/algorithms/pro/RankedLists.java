package dev.troupe.algorithms.pro;

import dev.troupe.algorithms.Require;
import java.util.Arrays;

/**
 * The constants of a batch of rankings: how long each candidate is and how good. Lists may differ
 * in length; a candidate without tokens is no candidate, wherever it stands, and its reward is not
 * read.
 */
public final class RankedLists {
  private final int[][] tokens;
  private final double[][] rewards;
  private final int length;

  private RankedLists(int[][] tokens, double[][] rewards, int length) {
    this.tokens = tokens;
    this.rewards = rewards;
    this.length = length;
  }

  /**
   * Checks and copies the lists.
   *
   * @param tokens response tokens of every candidate, best candidate first, one row for each list
   * @param rewards reward of every candidate in the same order, never rising within a list
   * @return the lists, padded to the longest
   * @throws IllegalArgumentException if the rows differ in number or length, a count is negative,
   *     or the reward of a candidate is not finite or above that of an earlier one
   */
  public static RankedLists of(int[][] tokens, double[][] rewards) {
    Require.sameLength("tokens", tokens.length, "rewards", rewards.length);
    int length = Arrays.stream(tokens).mapToInt(row -> row.length).max().orElse(0);
    int[][] paddedTokens = new int[tokens.length][];
    double[][] paddedRewards = new double[tokens.length][];
    for (int e = 0; e < tokens.length; e++) {
      Require.sameLength(
          "tokens[" + e + "]", tokens[e].length, "rewards[" + e + "]", rewards[e].length);
      requireRanked(e, tokens[e], rewards[e]);
      paddedTokens[e] = Arrays.copyOf(tokens[e], length);
      paddedRewards[e] = Arrays.copyOf(rewards[e], length);
    }
    return new RankedLists(paddedTokens, paddedRewards, length);
  }

  private static void requireRanked(int list, int[] tokens, double[] rewards) {
    double last = Double.MAX_VALUE;
    for (int k = 0; k < tokens.length; k++) {
      if (tokens[k] < 0) {
        throw new IllegalArgumentException(
            "tokens[%d][%d] is %d, expected 0 or more".formatted(list, k, tokens[k]));
      }
      if (tokens[k] > 0) {
        Require.within("rewards[" + list + "][" + k + "]", rewards[k], -Double.MAX_VALUE, last);
        last = rewards[k];
      }
    }
  }

  /**
   * How many lists there are.
   *
   * @return E
   */
  public int count() {
    return tokens.length;
  }

  /**
   * Candidates of the longest list, those without tokens included.
   *
   * @return L
   */
  public int length() {
    return length;
  }

  /** 1 / tokens of each candidate, 0 where there is none, (E, L). */
  double[][] inverseTokens() {
    double[][] inverse = new double[count()][length];
    for (int e = 0; e < count(); e++) {
      for (int k = 0; k < length; k++) {
        inverse[e][k] = isCandidate(e, k) ? 1.0 / tokens[e][k] : 0;
      }
    }
    return inverse;
  }

  /** {@code w (l - 1)^2} at the best candidate of each list, otherwise 0, (E, L). */
  double[][] supervisedWeights(ProSettings settings) {
    double[][] weights = new double[count()][length];
    for (int e = 0; e < count(); e++) {
      int best = next(e, 0);
      if (best < length) {
        double rivals = candidates(e) - 1;
        double unit = settings.supervisedMean() ? 1.0 / tokens[e][best] : 1;
        weights[e][best] = settings.supervisedWeight() * rivals * rivals * unit;
      }
    }
    return weights;
  }

  /**
   * The factors of stage k, for the candidates k, k + 1, ...; 0 where there is none, (E, L - k).
   */
  double[][] factors(int k, Temperature temperature) {
    double[][] factors = new double[count()][length - k];
    for (int e = 0; e < count(); e++) {
      boolean isDynamic = temperature.isDynamic(spread(e));
      for (int j = k; j < length; j++) {
        if (isCandidate(e, k) && isCandidate(e, j)) {
          factors[e][j - k] = isDynamic ? rewards[e][k] - rewards[e][j] : 1;
        }
      }
      if (isDynamic) {
        factors[e][0] = Arrays.stream(factors[e]).max().getAsDouble();
      }
    }
    return factors;
  }

  /** 1 for the candidates k, k + 1, ... that take part in stage k, and always for k; (E, L - k). */
  double[][] competes(int k) {
    double[][] competes = new double[count()][length - k];
    for (int e = 0; e < count(); e++) {
      competes[e][0] = 1;
      for (int j = k + 1; j < length; j++) {
        competes[e][j - k] = isCandidate(e, k) && isCandidate(e, j) ? 1 : 0;
      }
    }
    return competes;
  }

  /** 1 for the lists in which candidate k has a rival behind it, otherwise 0, (E). */
  double[] contests(int k) {
    double[] contests = new double[count()];
    for (int e = 0; e < count(); e++) {
      contests[e] = isCandidate(e, k) && next(e, k + 1) < length ? 1 : 0;
    }
    return contests;
  }

  private boolean isCandidate(int list, int k) {
    return tokens[list][k] > 0;
  }

  /** The first candidate at or after an index, or the length. */
  private int next(int list, int from) {
    int k = from;
    while (k < length && !isCandidate(list, k)) {
      k++;
    }
    return k;
  }

  /** The reward of the best candidate minus that of the worst, 0 without candidates. */
  private double spread(int list) {
    int best = next(list, 0);
    double spread = 0;
    for (int k = best; k < length; k++) {
      if (isCandidate(list, k)) {
        spread = rewards[list][best] - rewards[list][k];
      }
    }
    return spread;
  }

  private long candidates(int list) {
    return Arrays.stream(tokens[list]).filter(n -> n > 0).count();
  }
}

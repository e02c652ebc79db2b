package dev.troupe.algorithms.filtration;

import dev.troupe.algorithms.advantage.GroupAdvantage;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/**
 * The filters that look at ranks only (PF-PPO, section 3.2). The selections keep at most two
 * responses of a prompt, in expectation in the proportions of the weights.
 */
public enum RankWeights implements RankFilter {
  /** Every response, also of a prompt whose rewards are all equal: plain PPO. */
  NONE {
    @Override
    double[] byRank(int count) {
      double[] weights = new double[count];
      Arrays.fill(weights, 1.0 / count);
      return weights;
    }

    @Override
    int[] selectRanked(int[] order, DoubleSupplier uniform) {
      return order;
    }

    @Override
    public int[] select(double[] rewards, DoubleSupplier uniform) {
      return RankFilter.bestFirst(rewards);
    }
  },

  /** The best alone. There is no contrast to learn from; the paper shows that it fails. */
  BEST_OF_N {
    @Override
    double[] byRank(int count) {
      double[] weights = new double[count];
      weights[0] = 1;
      return weights;
    }

    @Override
    int[] selectRanked(int[] order, DoubleSupplier uniform) {
      return new int[] {order[0]};
    }
  },

  /** The best, and one of the others at random: weights 1/2 and 1/(2(N-1)). */
  BEST_RANDOM {
    @Override
    double[] byRank(int count) {
      double[] weights = new double[count];
      Arrays.fill(weights, 0.5 / (count - 1));
      weights[0] = count == 1 ? 1 : 0.5;
      return weights;
    }

    @Override
    int[] selectRanked(int[] order, DoubleSupplier uniform) {
      return bestAndOneOther(order, uniform);
    }
  },

  /** The best and the worst: weights 1/2 and 1/2. */
  BEST_WORST {
    @Override
    double[] byRank(int count) {
      double[] weights = new double[count];
      weights[0] += 0.5;
      weights[count - 1] += 0.5;
      return weights;
    }

    @Override
    int[] selectRanked(int[] order, DoubleSupplier uniform) {
      return new int[] {order[0], order[order.length - 1]};
    }
  },

  /**
   * Best-random with the constants of the authors' code: 0.4 for the best and 0.1 for each of the
   * others, whatever their number. The same as {@link #BEST_RANDOM} for five responses only.
   */
  REPOSITORY_BEST_RANDOM {
    @Override
    double[] byRank(int count) {
      double[] weights = new double[count];
      Arrays.fill(weights, 0.1);
      weights[0] = 0.4;
      return weights;
    }

    @Override
    int[] selectRanked(int[] order, DoubleSupplier uniform) {
      return bestAndOneOther(order, uniform);
    }
  };

  /** The weight of each rank, best first, of {@code count >= 1} responses. */
  abstract double[] byRank(int count);

  /** The selection from at least two responses, best first, that are not all equally good. */
  abstract int[] selectRanked(int[] order, DoubleSupplier uniform);

  @Override
  public double[] relativeWeights(double[] rewards) {
    int[] order = RankFilter.bestFirst(rewards);
    double[] byRank = byRank(order.length);
    double[] weights = new double[order.length];
    for (int rank = 0; rank < order.length; rank++) {
      weights[order[rank]] = byRank[rank];
    }
    return weights;
  }

  @Override
  public int[] select(double[] rewards, DoubleSupplier uniform) {
    int[] order = RankFilter.bestFirst(rewards);
    return GroupAdvantage.isConstant(rewards) ? new int[0] : selectRanked(order, uniform);
  }

  private static int[] bestAndOneOther(int[] order, DoubleSupplier uniform) {
    int other = 1 + (int) (RankFilter.next(uniform) * (order.length - 1));
    return new int[] {order[0], order[other]};
  }
}

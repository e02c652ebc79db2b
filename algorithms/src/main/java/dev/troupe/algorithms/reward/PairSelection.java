package dev.troupe.algorithms.reward;

import java.util.ArrayList;
import java.util.List;

/** Which completions of a prompt are compared, by their graded rewards. No gradient. */
public enum PairSelection {
  /** The best with the worst one: the clearest pair, as for DPO on sampled groups. */
  BEST_WORST {
    @Override
    public List<Pair> of(double[] rewards) {
      int best = extreme(rewards, 1);
      int worst = extreme(rewards, -1);
      return best < 0 || rewards[best] == rewards[worst]
          ? List.of()
          : List.of(pair(rewards, best, worst));
    }
  },

  /** Every two whose rewards differ (InstructGPT's K choose 2). */
  ALL {
    @Override
    public List<Pair> of(double[] rewards) {
      var pairs = new ArrayList<Pair>();
      for (int i = 0; i < rewards.length; i++) {
        for (int j = 0; j < rewards.length; j++) {
          if (rewards[i] > rewards[j]) { // false for what is not known
            pairs.add(pair(rewards, i, j));
          }
        }
      }
      return pairs;
    }
  };

  /**
   * A completion that is preferred to another.
   *
   * @param chosen index of the better one
   * @param rejected index of the other
   * @param difference by how much its reward is higher, above 0
   */
  public record Pair(int chosen, int rejected, double difference) {}

  /**
   * The pairs of one prompt.
   *
   * @param rewards graded reward of each completion; NaN where it is not known, which takes the
   *     completion out
   * @return the pairs, possibly none; of equal rewards the first completion stands for the others
   */
  public abstract List<Pair> of(double[] rewards);

  private static Pair pair(double[] rewards, int chosen, int rejected) {
    return new Pair(chosen, rejected, rewards[chosen] - rewards[rejected]);
  }

  /** Index of the first highest (sign 1) or lowest (-1) reward; -1 without any. */
  private static int extreme(double[] rewards, int sign) {
    int extreme = -1;
    for (int i = 0; i < rewards.length; i++) {
      boolean isKnown = !Double.isNaN(rewards[i]);
      if (isKnown && (extreme < 0 || sign * rewards[i] > sign * rewards[extreme])) {
        extreme = i;
      }
    }
    return extreme;
  }
}

package dev.troupe.algorithms.reinforce;

import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.advantage.Deviation;
import dev.troupe.algorithms.advantage.GeneralizedAdvantage;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.advantage.Whitening;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The advantages of REINFORCE++ (Hu 2025, eq. 4 to 6): the discounted reward to go of each token,
 *
 * <pre>A[t] = sum over k >= t of gamma^(k-t) * reward[k]</pre>
 *
 * whitened over all tokens of the batch, not within groups. The divergence to the reference belongs
 * in the token rewards (k1), and the clip of PPO follows. In the variant {@link #baseline} each
 * response first gives up the mean reward of its group, and the divergence belongs in the loss
 * (k2).
 *
 * @param gamma discount for each token, in [0, 1]; 1 is usual
 * @param whitening over the batch
 */
public record ReinforcePlusPlus(double gamma, Whitening whitening) {
  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if gamma is outside [0, 1]
   */
  public ReinforcePlusPlus {
    Require.within("gamma", gamma, 0, 1);
    Objects.requireNonNull(whitening, "whitening");
  }

  /**
   * No discount, and the population variance with {@link Whitening#EPSILON}, as in OpenRLHF.
   *
   * @return the estimator
   */
  public static ReinforcePlusPlus standard() {
    return new ReinforcePlusPlus(1, new Whitening(Deviation.POPULATION, Whitening.EPSILON));
  }

  /**
   * The advantages of a batch.
   *
   * @param tokenReward reward of each token of each response; rows may differ in length and be
   *     empty
   * @return new rows of the same lengths
   * @throws IllegalArgumentException if a reward is not finite
   */
  public double[][] advantages(double[][] tokenReward) {
    return whitening.of(returns(tokenReward));
  }

  /**
   * The rewards to go, before they are whitened.
   *
   * @param tokenReward as in {@link #advantages}
   * @return new rows of the same lengths
   * @throws IllegalArgumentException if a reward is not finite
   */
  public double[][] returns(double[][] tokenReward) {
    // Without a critic the generalized advantage is the reward to go.
    GeneralizedAdvantage toGo = new GeneralizedAdvantage(gamma, 1);
    return Arrays.stream(tokenReward)
        .map(reward -> toGo.of(reward, new double[reward.length]).advantage())
        .toArray(double[][]::new);
  }

  /**
   * The advantages of REINFORCE++-baseline: the reward of each response minus the mean of its
   * group, the same for each of its tokens, whitened over all tokens of the batch. A group of one
   * has no baseline, see {@link GroupAdvantage}.
   *
   * @param rewards reward of each response, length B
   * @param groups the same number for responses to the same prompt, length B
   * @param lengths tokens of each response, 0 or more, length B
   * @return one row for each response, as long as the response
   * @throws IllegalArgumentException if lengths differ, a length is negative, or a reward is not
   *     finite
   */
  public double[][] baseline(double[] rewards, int[] groups, int[] lengths) {
    Require.sameLength("rewards", rewards.length, "groups", groups.length);
    Require.sameLength("rewards", rewards.length, "lengths", lengths.length);
    double[] centred = centred(rewards, groups);
    double[][] spread = new double[rewards.length][];
    for (int b = 0; b < spread.length; b++) {
      if (lengths[b] < 0) {
        throw new IllegalArgumentException(
            "lengths[%d] is %d, expected 0 or more tokens".formatted(b, lengths[b]));
      }
      spread[b] = new double[lengths[b]];
      Arrays.fill(spread[b], centred[b]);
    }
    return whitening.of(spread);
  }

  private static double[] centred(double[] rewards, int[] groups) {
    Map<Integer, int[]> members = new LinkedHashMap<>();
    for (int b = 0; b < groups.length; b++) {
      members.merge(groups[b], new int[] {b}, ReinforcePlusPlus::append);
    }
    double[] centred = new double[rewards.length];
    for (int[] rows : members.values()) {
      double[] group = Arrays.stream(rows).mapToDouble(b -> rewards[b]).toArray();
      double[] advantages = GroupAdvantage.centred().of(group);
      for (int i = 0; i < rows.length; i++) {
        centred[rows[i]] = advantages[i];
      }
    }
    return centred;
  }

  private static int[] append(int[] rows, int[] more) {
    int[] all = Arrays.copyOf(rows, rows.length + more.length);
    System.arraycopy(more, 0, all, rows.length, more.length);
    return all;
  }
}

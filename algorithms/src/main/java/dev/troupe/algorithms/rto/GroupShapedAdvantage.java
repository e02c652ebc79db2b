package dev.troupe.algorithms.rto;

import dev.troupe.algorithms.Require;
import dev.troupe.algorithms.advantage.GroupAdvantage;

/**
 * Token-shaped advantages without a critic: the reward of RTO in the group setting of GRPO. RTO
 * itself uses PPO with a critic; this estimator is Troupe's own. For response i of the G responses
 * to one prompt, and its token t,
 *
 * <pre>
 * S[i][t] = sum over k >= t of gamma^(k - t) * shaping[i][k]      (0 beyond the end of row i)
 * A[i][t] = outcomeAdvantage[i] + S[i][t] - mean over all j of S[j][t]
 * </pre>
 *
 * <p><b>Why the mean at a position is a baseline.</b> A policy gradient stays unbiased when
 * something is subtracted from the return of token t that does not depend on the action taken
 * there: {@code E[grad log pi(a | s) * b] = 0}. For row i, the mean over the <em>other</em> rows at
 * position t depends only on t and on responses drawn independently from the same prompt, so it
 * qualifies; rows that have ended enter it with the 0 that they will still earn, or its value would
 * depend on which rows live long. Including row i itself only scales: {@code S_i - mean = (G - 1) /
 * G * (S_i - mean of the others)}, the constant that every mean-centred group method, GRPO and Dr.
 * GRPO too, carries. Centring at a position rather than over the whole group matters because a
 * reward to go shrinks along the response: one baseline for all positions would push early tokens
 * up and late ones down.
 *
 * <p><b>Why the shaping is not divided by the deviation in the group.</b> The scale of the shaping
 * is set by beta1. Divided by its own deviation it would have unit size always: in a group of equal
 * outcomes, which teaches nothing, differences of the DPO log-ratios of a hundredth of a nat would
 * become advantages as large as those between right and wrong answers, and {@code beta1} would mean
 * nothing.
 *
 * <p>If all shaping is 0 the advantages are those of {@link GroupAdvantage}, bit for bit.
 *
 * @param outcome how outcomes become advantages
 * @param gamma discount of later shaping for each token, in [0, 1]
 */
public record GroupShapedAdvantage(GroupAdvantage outcome, double gamma) {
  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if gamma is outside [0, 1] or there is no outcome estimator
   */
  public GroupShapedAdvantage {
    if (outcome == null) {
      throw new IllegalArgumentException("outcome is missing, expected a GroupAdvantage");
    }
    Require.within("gamma", gamma, 0, 1);
  }

  /**
   * The advantages of the tokens of one group.
   *
   * @param rewards outcome of each response to one prompt, length G
   * @param shaping shaping of the tokens of each response, from {@link TokenReward#shaping}; G
   *     rows, which may differ in length and be empty
   * @return new rows of the lengths of {@code shaping}
   * @throws IllegalArgumentException if the group is empty, the numbers of rows differ, or a number
   *     is not finite
   */
  public double[][] of(double[] rewards, float[][] shaping) {
    double[] outcomeAdvantage = outcome.of(rewards);
    Require.sameLength("rewards", rewards.length, "shaping", shaping.length);
    double[][] toGo = new double[shaping.length][];
    int longest = 0;
    for (int i = 0; i < shaping.length; i++) {
      Require.finite("shaping[" + i + "]", shaping[i]);
      toGo[i] = rewardToGo(shaping[i]);
      longest = Math.max(longest, toGo[i].length);
    }
    double[] baseline = meanAtEachPosition(toGo, longest);

    double[][] advantage = new double[shaping.length][];
    for (int i = 0; i < shaping.length; i++) {
      advantage[i] = new double[toGo[i].length];
      for (int t = 0; t < toGo[i].length; t++) {
        double centred = toGo[i][t] - baseline[t];
        // Adding 0 would turn an outcome advantage of -0.0 into 0.0.
        advantage[i][t] = centred == 0 ? outcomeAdvantage[i] : outcomeAdvantage[i] + centred;
      }
    }
    return advantage;
  }

  private double[] rewardToGo(float[] shaping) {
    double[] toGo = new double[shaping.length];
    double later = 0;
    for (int t = shaping.length - 1; t >= 0; t--) {
      later = shaping[t] + gamma * later;
      toGo[t] = later;
    }
    return toGo;
  }

  private static double[] meanAtEachPosition(double[][] rows, int longest) {
    double[] mean = new double[longest];
    for (double[] row : rows) {
      for (int t = 0; t < row.length; t++) {
        mean[t] += row[t];
      }
    }
    for (int t = 0; t < longest; t++) {
      mean[t] /= rows.length;
    }
    return mean;
  }
}

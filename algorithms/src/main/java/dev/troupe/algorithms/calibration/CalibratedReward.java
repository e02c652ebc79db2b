package dev.troupe.algorithms.calibration;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The reward of PPO-C (Leng et al. 2025, section 3.3): the reward of the answer without its stated
 * confidence, raised or lowered by that confidence according to whether the answer is better than a
 * running average. No gradient, and no hidden state: the average goes in and comes out, and is all
 * that has to be saved.
 *
 * @param rule how the reward is changed
 * @param weight strength w of the change, 0 or more; published: 2 for {@link
 *     CalibrationRule#DIFFERENCE}, 0.5 for {@link CalibrationRule#THRESHOLD}; 0 changes nothing
 * @param averageRate alpha, the share of a batch in the running average, in [0, 1]; 0.1 is
 *     published
 * @param clip bound on the absolute value of rewards, before and after the change, above 0; 10 is
 *     published. A reward near it has no room for a bonus, so normalise rewards first
 */
public record CalibratedReward(
    CalibrationRule rule, double weight, double averageRate, double clip) {
  /**
   * Checks every part and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each part that is out of its range
   */
  public CalibratedReward {
    List<String> problems = new ArrayList<>();
    if (rule == null) {
      problems.add("rule is missing, expected one of " + List.of(CalibrationRule.values()));
    }
    if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
      problems.add("weight is " + weight + ", expected 0 or more");
    }
    if (!(averageRate >= 0 && averageRate <= 1)) {
      problems.add("averageRate is " + averageRate + ", expected a number in [0, 1]");
    }
    if (!(clip > 0 && clip < Double.POSITIVE_INFINITY)) {
      problems.add("clip is " + clip + ", expected a number above 0");
    }
    Require.none("calibrated reward", problems);
  }

  /**
   * What one batch gives.
   *
   * @param average the running average, to be handed to the next batch and to be saved
   * @param unclipped rewards after the change, before the last clipping
   * @param rewards the rewards to learn from, within the clip
   */
  public record Batch(double average, double[] unclipped, double[] rewards) {}

  /**
   * The settings of the authors' final runs.
   *
   * @return difference rule, weight 2, rate 0.1, clip 10
   */
  public static CalibratedReward published() {
    return new CalibratedReward(CalibrationRule.DIFFERENCE, 2, 0.1, 10);
  }

  /**
   * Clips the rewards, moves the average by their mean, and changes them by the new average. Give
   * the whole batch of a step at once, so that the average does not depend on its division.
   *
   * @param average the running average before this batch; at the start the mean reward of the
   *     reward model, or 0 if rewards are normalised
   * @param rewards reward of each answer without its confidence sentence ({@link Confidence#text}),
   *     length B
   * @param confidence stated confidence of each answer, in [0, 1], length B
   * @return the new average and the rewards, length B; an empty batch leaves the average alone
   * @throws IllegalArgumentException if the lengths differ, the average or a reward is not finite,
   *     or a confidence is outside [0, 1]
   */
  public Batch of(double average, double[] rewards, double[] confidence) {
    Require.within("average", average, -Double.MAX_VALUE, Double.MAX_VALUE);
    Require.sameLength("rewards", rewards.length, "confidence", confidence.length);
    Require.finite("rewards", rewards);
    double[] clipped = Arrays.stream(rewards).map(this::clip).toArray();
    double moved = average;
    if (clipped.length > 0) {
      double mean = Arrays.stream(clipped).sum() / clipped.length;
      moved = averageRate * mean + (1 - averageRate) * average;
    }
    double[] unclipped = new double[rewards.length];
    for (int i = 0; i < rewards.length; i++) {
      Require.within("confidence[" + i + "]", confidence[i], 0, 1);
      unclipped[i] = rule.adjust(clipped[i], confidence[i], moved, weight);
    }
    return new Batch(moved, unclipped, Arrays.stream(unclipped).map(this::clip).toArray());
  }

  private double clip(double reward) {
    return Math.max(-clip, Math.min(clip, reward));
  }
}

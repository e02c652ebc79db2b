package dev.troupe.algorithms.preference;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.HostCopy;
import dev.troupe.algorithms.Require;

/**
 * How well rewards agree with preferences, for reward models and for the implicit rewards of DPO.
 *
 * @param pairs pairs counted; if 0, everything else is 0
 * @param accuracy fraction of pairs whose chosen reward is above the rejected one; a tie is a miss
 * @param meanChosenReward mean reward of the chosen responses
 * @param meanRejectedReward mean reward of the rejected responses
 */
public record PreferenceMetrics(
    long pairs, double accuracy, double meanChosenReward, double meanRejectedReward) {

  /** The metrics of no pair; the identity of {@link #and}. */
  public static final PreferenceMetrics NONE = new PreferenceMetrics(0, 0, 0, 0);

  /**
   * The metrics of some pairs.
   *
   * @param chosenP reward of the chosen response of each pair, (P)
   * @param rejectedP reward of the rejected response, (P)
   * @return host numbers
   * @throws IllegalArgumentException if shapes or types differ
   */
  public static PreferenceMetrics of(NDArray chosenP, NDArray rejectedP) {
    Require.axes("chosenP", chosenP, "P");
    Require.sameLayout("chosenP", chosenP, "rejectedP", rejectedP);
    double[] chosen = HostCopy.doubles(chosenP);
    double[] rejected = HostCopy.doubles(rejectedP);
    int pairs = chosen.length;
    if (pairs == 0) {
      return NONE;
    }
    long right = 0;
    double chosenSum = 0;
    double rejectedSum = 0;
    for (int p = 0; p < pairs; p++) {
      right += chosen[p] > rejected[p] ? 1 : 0;
      chosenSum += chosen[p];
      rejectedSum += rejected[p];
    }
    return new PreferenceMetrics(
        pairs, (double) right / pairs, chosenSum / pairs, rejectedSum / pairs);
  }

  /**
   * The metrics of two micro-batches together.
   *
   * @param other the other micro-batch
   * @return means over the pairs of both
   */
  public PreferenceMetrics and(PreferenceMetrics other) {
    long together = pairs + other.pairs;
    if (together == 0) {
      return NONE;
    }
    double mine = (double) pairs / together;
    double theirs = (double) other.pairs / together;
    return new PreferenceMetrics(
        together,
        mine * accuracy + theirs * other.accuracy,
        mine * meanChosenReward + theirs * other.meanChosenReward,
        mine * meanRejectedReward + theirs * other.meanRejectedReward);
  }

  /**
   * The mean distance between chosen and rejected.
   *
   * @return mean chosen minus mean rejected reward
   */
  public double meanMargin() {
    return meanChosenReward - meanRejectedReward;
  }
}

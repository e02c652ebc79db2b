package dev.troupe.runtime.statistics;

import java.util.Arrays;

/**
 * How much a score changed between two models on the same prompts.
 *
 * <p>Pairing removes the difficulty of the prompts from the comparison, so this interval is
 * narrower than what two separate intervals suggest. When every pair changed by the same amount the
 * bootstrap sees no spread and the interval is a point; the intervals of the two scores then say
 * more.
 *
 * @param mean the mean of (after - before), in the unit of the score
 * @param interval95 its 95% interval by {@link Bootstrap}
 * @param pairs how many prompts were compared
 */
public record PairedDifference(double mean, Interval interval95, int pairs) {

  /**
   * Compares two lists of scores, where position i of both belongs to the same prompt.
   *
   * @param before finite scores of the first model, one a prompt, at least one
   * @param after finite scores of the second model, in the same order
   * @param seed of the resampling; the same seed gives the same interval
   */
  public static PairedDifference of(double[] before, double[] after, long seed) {
    if (before.length != after.length || before.length == 0) {
      throw new IllegalArgumentException(
          "a paired comparison needs equally many scores, at least one: before="
              + before.length
              + " after="
              + after.length);
    }
    double[] differences = new double[before.length];
    for (int i = 0; i < before.length; i++) {
      differences[i] = after[i] - before[i];
      if (!Double.isFinite(differences[i])) {
        throw new IllegalArgumentException(
            "pair " + i + " has no finite difference: " + before[i] + " and " + after[i]);
      }
    }
    double mean = Arrays.stream(differences).sum() / differences.length;
    return new PairedDifference(
        mean, Bootstrap.meanInterval95(differences, seed), differences.length);
  }
}

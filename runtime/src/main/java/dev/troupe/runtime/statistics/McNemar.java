package dev.troupe.runtime.statistics;

/**
 * Whether two models differ in how many prompts they get right, judged by the prompts where one is
 * right and the other wrong (McNemar 1947): if both were equally good, each of these would be a
 * fair coin. The test is exact, by the binomial distribution, so it holds for few prompts too.
 *
 * @param gained prompts that were wrong before and are right after
 * @param lost prompts that were right before and are wrong after
 * @param p probability of a split at least as uneven if both models were equally good, two-sided
 */
public record McNemar(int gained, int lost, double p) {

  /**
   * Compares two lists of verdicts, where position i of both belongs to the same prompt.
   *
   * @param before whether the first model was right
   * @param after whether the second was, in the same order
   */
  public static McNemar of(boolean[] before, boolean[] after) {
    if (before.length != after.length) {
      throw new IllegalArgumentException(
          "a paired test needs equally many verdicts: before=%d after=%d"
              .formatted(before.length, after.length));
    }
    int gained = 0;
    int lost = 0;
    for (int i = 0; i < before.length; i++) {
      gained += !before[i] && after[i] ? 1 : 0;
      lost += before[i] && !after[i] ? 1 : 0;
    }
    return new McNemar(gained, lost, twoSided(Math.min(gained, lost), gained + lost));
  }

  /** Twice the probability of at most {@code few} heads among {@code coins}, at most 1. */
  private static double twoSided(int few, int coins) {
    double logChoices = 0; // log of (coins over heads), from heads = 0
    double tail = 0;
    for (int heads = 0; heads <= few; heads++) {
      tail += Math.exp(logChoices - coins * Math.log(2));
      logChoices += Math.log(coins - heads) - Math.log(heads + 1.0);
    }
    return Math.min(1, 2 * tail);
  }
}

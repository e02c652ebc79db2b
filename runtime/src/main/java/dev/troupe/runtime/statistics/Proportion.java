package dev.troupe.runtime.statistics;

/**
 * The share of successes in independent trials, such as the accuracy over a set of prompts.
 *
 * @param successes how many trials succeeded, from 0 to {@code trials}
 * @param trials how many there were, at least 1
 */
public record Proportion(int successes, int trials) {
  /** The 97.5% quantile of the standard normal distribution. */
  private static final double Z_95 = 1.959963984540054;

  /** Refuses counts that no experiment can have. */
  public Proportion {
    if (trials < 1 || successes < 0 || successes > trials) {
      throw new IllegalArgumentException(
          "a proportion needs 0 <= successes <= trials and trials >= 1, got successes="
              + successes
              + " trials="
              + trials);
    }
  }

  /** Counts the trials that succeeded. */
  public static Proportion of(boolean[] succeeded) {
    int successes = 0;
    for (boolean success : succeeded) {
      successes += success ? 1 : 0;
    }
    return new Proportion(successes, succeeded.length);
  }

  /** The observed share, in [0, 1]. */
  public double value() {
    return (double) successes / trials;
  }

  /**
   * The 95% score interval of Wilson (1927) without continuity correction.
   *
   * <p>Unlike the textbook interval p ± 1.96 s it stays inside [0, 1] and keeps a width at 0% and
   * 100%, where small evaluations often are.
   */
  public Interval wilson95() {
    double p = value();
    double z2 = Z_95 * Z_95;
    double centre = p + z2 / (2 * trials);
    double reach = Z_95 * Math.sqrt(p * (1 - p) / trials + z2 / (4.0 * trials * trials));
    double scale = 1 + z2 / trials;
    // At the edges centre and reach cancel exactly in the reals but not in floating point.
    double low = successes == 0 ? 0 : (centre - reach) / scale;
    double high = successes == trials ? 1 : (centre + reach) / scale;
    return new Interval(low, high);
  }
}

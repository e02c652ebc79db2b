package dev.troupe.actors.run;

import dev.troupe.algorithms.filtration.Determination;
import dev.troupe.algorithms.filtration.PowerFilter;
import dev.troupe.algorithms.filtration.RankFilter;
import dev.troupe.algorithms.filtration.RankWeights;
import dev.troupe.runtime.settings.FiltrationSettings.Strategy;
import dev.troupe.runtime.statistics.Bootstrap;
import dev.troupe.runtime.statistics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a filter of PF-PPO is chosen before training (PF-PPO, section 3.3): by how much of the true
 * reward a reward model's scores explain of the completions that it keeps. A guide and no promise.
 *
 * @param prompts how many prompts with completions there were
 * @param completions of all of them together
 * @param bins groups of completions with similar scores that the line was fitted to
 * @param fits one for each filter, the lowest R-squared first
 */
record FilterComparison(int prompts, int completions, int bins, List<Fit> fits) {
  /** The exponent of the power filter: the middle one of the paper's three. */
  private static final double POWER = 2;

  /**
   * One filter.
   *
   * @param filter its name in recipes
   * @param determination R-squared of a line through the bins' means
   * @param slope of that line, in units of the reward for a deviation of the score
   * @param low lower end of the 95% interval of R-squared over the prompts
   * @param high its upper end
   */
  record Fit(String filter, double determination, double slope, double low, double high) {}

  /** Copies the list. */
  FilterComparison {
    fits = List.copyOf(fits);
  }

  /**
   * Compares filters.
   *
   * @param scores for each prompt the reward model's score of each completion, normalised
   * @param rewards for each prompt the true reward of each completion
   * @param seed of the resampling in intervals
   * @return empty without a prompt
   */
  static Optional<FilterComparison> of(
      List<Strategy> filters, double[][] scores, double[][] rewards, int bins, long seed) {
    if (filters.isEmpty() || scores.length == 0) {
      return Optional.empty();
    }
    var fits = new ArrayList<Fit>();
    for (Strategy strategy : filters) {
      List<RankFilter> alone = List.of(filter(strategy));
      Determination whole =
          Determination.compare(alone, scores, rewards, bins).get(0).determination();
      Interval interval =
          Bootstrap.interval95(
              scores.length,
              drawn ->
                  Determination.compare(alone, pick(scores, drawn), pick(rewards, drawn), bins)
                      .get(0)
                      .determination()
                      .r2(),
              seed);
      fits.add(new Fit(name(strategy), whole.r2(), whole.slope(), interval.low(), interval.high()));
    }
    fits.sort(Comparator.comparingDouble(Fit::determination));
    return Optional.of(
        new FilterComparison(
            scores.length, Arrays.stream(scores).mapToInt(row -> row.length).sum(), bins, fits));
  }

  private static RankFilter filter(Strategy strategy) {
    return strategy == Strategy.POWER
        ? new PowerFilter(POWER)
        : RankWeights.valueOf(strategy.name());
  }

  private static String name(Strategy strategy) {
    return strategy.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static double[][] pick(double[][] rows, int[] drawn) {
    return Arrays.stream(drawn).mapToObj(row -> rows[row]).toArray(double[][]::new);
  }

  /** The filter with the highest R-squared. */
  Fit best() {
    return fits.get(fits.size() - 1);
  }

  /** What it recommends. */
  String sentence(String moment) {
    Fit best = best();
    String least =
        fits.size() == 1
            ? ""
            : String.format(
                Locale.ROOT,
                "; the least with %s, %.3f",
                fits.get(0).filter(),
                fits.get(0).determination());
    return String.format(
        Locale.ROOT,
        "PF-PPO recommends filtration.strategy = %s: of what it keeps of the completions %s the reward model explains most (R-squared %.3f%s).",
        best.filter(),
        moment,
        best.determination(),
        least);
  }
}

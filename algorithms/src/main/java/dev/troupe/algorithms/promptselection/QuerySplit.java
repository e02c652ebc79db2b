package dev.troupe.algorithms.promptselection;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Logs divided by query. A division of single trials would leak: the predictor would remember how
 * hard each query is.
 *
 * @param train trials to learn from
 * @param heldOut trials of other queries, to judge the predictor by
 */
public record QuerySplit(List<Trial> train, List<Trial> heldOut) {
  /** Copies both lists. */
  public QuerySplit {
    train = List.copyOf(train);
    heldOut = List.copyOf(heldOut);
  }

  /**
   * Divides logs. The side of a query depends on its id and the seed alone, so that it stays when
   * the logs grow.
   *
   * @param trials the logs
   * @param heldOutShare expected share of the queries that are held out, in [0, 1]
   * @param seed which division
   * @return both sides, in the order of the logs
   * @throws IllegalArgumentException if the share is out of its range
   */
  public static QuerySplit of(List<Trial> trials, double heldOutShare, long seed) {
    Require.within("heldOutShare", heldOutShare, 0, 1);
    List<Trial> train = new ArrayList<>();
    List<Trial> heldOut = new ArrayList<>();
    for (Trial trial : trials) {
      boolean isHeldOut = uniform(seed, trial.query()) < heldOutShare;
      (isHeldOut ? heldOut : train).add(trial);
    }
    return new QuerySplit(train, heldOut);
  }

  /** A number in [0, 1) that depends on nothing but the seed and the id. */
  private static double uniform(long seed, String query) {
    long mixed = new SplittableRandom(seed).nextLong() ^ query.hashCode();
    return new SplittableRandom(mixed).nextDouble();
  }
}

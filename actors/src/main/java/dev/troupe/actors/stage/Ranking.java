package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.ScoredGroup;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rollouts of a group in the order of their rewards. One whose scoring failed is left out.
 *
 * @param index of the group in the step
 * @param group the group
 * @param rows index of each ranked rollout, best first; of equals the earlier sample goes first
 * @param rewards their rewards, in the same order
 */
record Ranking(int index, ScoredGroup group, int[] rows, double[] rewards) {

  /** One for each group, but for those in which all rewards are equal: they prefer nothing. */
  static List<Ranking> of(List<ScoredGroup> groups) {
    return IntStream.range(0, groups.size())
        .mapToObj(index -> of(index, groups.get(index)))
        .filter(Ranking::prefers)
        .toList();
  }

  private static Ranking of(int index, ScoredGroup group) {
    double[] all = group.outcomes().stream().mapToDouble(GroupFacts::reward).toArray();
    int[] rows =
        IntStream.range(0, all.length)
            .filter(row -> !Double.isNaN(all[row]))
            .boxed()
            .sorted(Comparator.comparingDouble((Integer row) -> all[row]).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    return new Ranking(
        index, group, rows, IntStream.of(rows).mapToDouble(row -> all[row]).toArray());
  }

  private boolean prefers() {
    return rows.length > 1 && rewards[0] > rewards[rows.length - 1];
  }

  /**
   * As many as that, spread evenly from the best to the worst; all of them if they are no more.
   *
   * @param length at least 2
   */
  Ranking spread(int length) {
    if (rows.length <= length) {
      return this;
    }
    int[] kept =
        IntStream.range(0, length)
            .map(i -> (int) Math.round((double) i * (rows.length - 1) / (length - 1)))
            .toArray();
    return new Ranking(
        index,
        group,
        Arrays.stream(kept).map(i -> rows[i]).toArray(),
        Arrays.stream(kept).mapToDouble(i -> rewards[i]).toArray());
  }
}

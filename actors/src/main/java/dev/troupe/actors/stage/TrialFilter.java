package dev.troupe.actors.stage;

import dev.troupe.algorithms.filtration.PowerFilter;
import dev.troupe.algorithms.filtration.RankFilter;
import dev.troupe.algorithms.filtration.RankWeights;
import dev.troupe.runtime.settings.FiltrationSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Which completions of a prompt are trained on, by the rank of their reward: PF-PPO. What is drawn
 * depends on the ticket alone. Prompts whose completions are all of one reward are left out.
 */
final class TrialFilter {
  private final FiltrationSettings settings;
  private final RankFilter filter;
  private final long seed;

  /**
   * @param seed of what is drawn
   */
  TrialFilter(FiltrationSettings settings, long seed) {
    this.settings = settings;
    this.seed = seed;
    this.filter =
        settings.strategy() == FiltrationSettings.Strategy.POWER
            ? new PowerFilter(settings.power())
            : RankWeights.valueOf(settings.strategy().name());
  }

  /**
   * @return the groups with what is kept of each, possibly nothing, and possibly a trial twice
   */
  List<List<Trial>> of(List<List<Trial>> groups, Map<String, Double> metrics) {
    if (!settings.isOn()) {
      return groups;
    }
    var kept = new ArrayList<List<Trial>>();
    for (List<Trial> group : groups) {
      kept.add(group.isEmpty() ? group : select(group));
    }
    metrics.put("filtration/sampled-length", meanLength(groups));
    metrics.put("filtration/kept-length", meanLength(kept));
    metrics.put(
        "filtration/kept-groups", (double) kept.stream().filter(it -> !it.isEmpty()).count());
    return kept;
  }

  private List<Trial> select(List<Trial> group) {
    double[] rewards = group.stream().mapToDouble(Trial::reward).toArray();
    var random = new SplittableRandom(seed + group.get(0).group().ticket().id().ordinal());
    int[] rows =
        settings.draws() == 0
            ? filter.select(rewards, random::nextDouble)
            : filter.draw(rewards, settings.draws(), random::nextDouble);
    return Arrays.stream(rows).mapToObj(group::get).toList();
  }

  private static double meanLength(List<List<Trial>> groups) {
    return groups.stream().flatMap(List::stream).mapToInt(Trial::length).average().orElse(0);
  }
}

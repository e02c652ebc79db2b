package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.dapo.OverlongPenalty;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * From what the reward functions said of a completion to the reward that is learnt from. A
 * completion whose scoring failed is left out; where completions are compared and fewer than two
 * are left there is nothing to compare, so the whole group is.
 */
final class Outcomes {
  private final Optional<OverlongPenalty> overlong;
  private final RewardScale scale;
  private final int least;

  /**
   * @param overlong what long completions cost
   * @param scale what rewards are measured in
   * @param least completions below which a group is left out
   */
  Outcomes(Optional<OverlongPenalty> overlong, RewardScale scale, int least) {
    this.overlong = overlong;
    this.scale = scale;
    this.least = least;
  }

  /**
   * @return for each group, in order, the completions that can be learnt from; may be empty
   */
  List<List<Trial>> of(List<ScoredGroup> groups) {
    var trials = new ArrayList<List<Trial>>();
    for (ScoredGroup group : groups) {
      List<Trial> scored =
          IntStream.range(0, group.outcomes().size())
              .mapToObj(row -> new Trial(group, row, reward(group, row)))
              .filter(trial -> !Double.isNaN(trial.reward()))
              .toList();
      trials.add(scored.size() < least ? List.of() : scored);
    }
    return scale.of(trials);
  }

  private double reward(ScoredGroup group, int row) {
    double reward = GroupFacts.reward(group.outcomes().get(row));
    int length = group.group().rollouts().get(row).length();
    return overlong.map(penalty -> reward + penalty.of(length)).orElse(reward);
  }
}

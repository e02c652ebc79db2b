package dev.troupe.actors.run;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.stage.RewardModelScale;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.settings.FiltrationSettings.Strategy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleBiFunction;

/**
 * What evaluations find out beside the reward.
 *
 * @param bestOf which bests of several completions
 * @param rewardModel stage whose scores are seen beside, if any
 * @param filters filters of PF-PPO to compare by these scores
 * @param filterBins groups of completions that a filter is judged by
 * @param reference stage from which the distance of the others is measured, if any
 */
record EvaluationWishes(
    BestOfChoice bestOf,
    Optional<String> rewardModel,
    List<Strategy> filters,
    int filterBins,
    Optional<String> reference) {
  /** Nothing beside the reward. */
  static final EvaluationWishes NONE =
      new EvaluationWishes(BestOfChoice.NONE, Optional.empty(), List.of(), 1, Optional.empty());

  /** Copies the list. */
  EvaluationWishes {
    filters = List.copyOf(filters);
  }

  /** The distance of the completions' policy from the reference, if it was measured. */
  Optional<ReferenceDistance> distance(Collection<ScoredGroup> groups) {
    return reference.flatMap(stage -> ReferenceDistance.of(stage, groups));
  }

  /**
   * What a completion is chosen by: its group and its row in it.
   *
   * @param run directory of the run
   */
  ToDoubleBiFunction<ScoredGroup, Integer> choice(Path run) {
    if (bestOf.by().isEmpty()) {
      return (group, row) -> scored(group, row).total();
    }
    String by = bestOf.by().get();
    if (rewardModel.filter(by::equals).isEmpty()) {
      return (group, row) -> scored(group, row).components().get(by);
    }
    return score(run, by);
  }

  private static ToDoubleBiFunction<ScoredGroup, Integer> score(Path run, String stage) {
    RewardModelScale scale = RewardModelScale.of(run, stage);
    return (group, row) -> scale.of(group.reference().scores().get(row));
  }

  private static Outcome.Scored scored(ScoredGroup group, int row) {
    return (Outcome.Scored) group.outcomes().get(row);
  }

  /**
   * The filters side by side, if they were to be compared; what could not be scored is left out.
   */
  Optional<FilterComparison> filters(Path run, Collection<ScoredGroup> groups, long seed) {
    if (filters.isEmpty() || rewardModel.isEmpty()) {
      return Optional.empty();
    }
    ToDoubleBiFunction<ScoredGroup, Integer> score = score(run, rewardModel.get());
    var scores = new ArrayList<double[]>();
    var rewards = new ArrayList<double[]>();
    for (ScoredGroup group : groups) {
      int[] rows = BestOfChoice.scoredRows(group);
      if (rows.length > 0) {
        scores.add(rows(rows, row -> score.applyAsDouble(group, row)));
        rewards.add(rows(rows, row -> scored(group, row).total()));
      }
    }
    return FilterComparison.of(
        filters,
        scores.toArray(double[][]::new),
        rewards.toArray(double[][]::new),
        filterBins,
        seed);
  }

  private static double[] rows(int[] rows, IntToDoubleFunction value) {
    return Arrays.stream(rows).mapToDouble(value).toArray();
  }
}

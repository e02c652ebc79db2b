package dev.troupe.actors.run;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.bestofn.BestOfN;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.reward.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;

/**
 * Which bests of several completions an evaluation measures.
 *
 * @param numbers how many completions the best is chosen from, rising; empty = nothing is measured
 * @param by the reward or the reward model that it is chosen by; empty = the total. What is
 *     measured is the total either way
 */
record BestOfChoice(List<Integer> numbers, Optional<String> by) {
  /** Nothing is measured. */
  static final BestOfChoice NONE = new BestOfChoice(List.of(), Optional.empty());

  /** Copies the list. */
  BestOfChoice {
    numbers = List.copyOf(numbers);
  }

  /**
   * Estimates every best without bias from all completions of each prompt.
   *
   * @param fullMark total from which a completion counts as right
   * @param groups the completions of each held-out prompt; failures are left out
   * @param choice what each is chosen by: a group and a row of it
   */
  List<BestOfCompletions> measure(
      Quantity quantity,
      double fullMark,
      SortedMap<Integer, ScoredGroup> groups,
      ToDoubleBiFunction<ScoredGroup, Integer> choice) {
    return numbers.stream().map(n -> measure(n, quantity, fullMark, groups, choice)).toList();
  }

  /** The rows of a group that have a reward. */
  static int[] scoredRows(ScoredGroup group) {
    return IntStream.range(0, group.outcomes().size())
        .filter(row -> group.outcomes().get(row) instanceof Outcome.Scored)
        .toArray();
  }

  private BestOfCompletions measure(
      int n,
      Quantity quantity,
      double fullMark,
      SortedMap<Integer, ScoredGroup> groups,
      ToDoubleBiFunction<ScoredGroup, Integer> choice) {
    var best = new BestOfN(n);
    var examples = new ArrayList<Integer>();
    var scores = new ArrayList<Double>();
    groups.forEach(
        (example, group) -> {
          int[] rows = scoredRows(group);
          if (rows.length >= n) {
            double[] choices =
                Arrays.stream(rows).mapToDouble(row -> choice.applyAsDouble(group, row)).toArray();
            double[] values =
                Arrays.stream(rows)
                    .mapToDouble(row -> value(group.outcomes().get(row), quantity, fullMark))
                    .toArray();
            examples.add(example);
            scores.add(estimate(best, choices, values, quantity));
          }
        });
    return new BestOfCompletions(n, best.divergenceBound(), examples, scores);
  }

  private static double estimate(
      BestOfN best, double[] choices, double[] values, Quantity quantity) {
    double estimate = best.estimate(choices, values);
    // The sum of shares may round past the whole.
    return quantity.isShare() ? Math.max(0, Math.min(1, estimate)) : estimate;
  }

  private static double value(Outcome outcome, Quantity quantity, double fullMark) {
    double total = ((Outcome.Scored) outcome).total();
    return quantity.isShare() ? (total >= fullMark ? 1 : 0) : total;
  }
}

package dev.troupe.actors.run;

import dev.troupe.algorithms.bestofn.BestOfN;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.reward.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Which bests of several completions an evaluation measures.
 *
 * @param numbers how many completions the best is chosen from, rising; empty = nothing is measured
 * @param by the reward that it is chosen by; empty = the total. What is measured is the total
 *     either way
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
   * @param outcomes of the completions of each held-out prompt; failures are left out
   */
  List<BestOfCompletions> measure(
      Quantity quantity, double fullMark, SortedMap<Integer, List<Outcome>> outcomes) {
    return numbers.stream().map(n -> measure(n, quantity, fullMark, outcomes)).toList();
  }

  private BestOfCompletions measure(
      int n, Quantity quantity, double fullMark, SortedMap<Integer, List<Outcome>> outcomes) {
    var best = new BestOfN(n);
    var examples = new ArrayList<Integer>();
    var scores = new ArrayList<Double>();
    outcomes.forEach(
        (example, all) -> {
          List<Outcome.Scored> scored =
              all.stream()
                  .filter(Outcome.Scored.class::isInstance)
                  .map(Outcome.Scored.class::cast)
                  .toList();
          if (scored.size() >= n) {
            double[] choices = scored.stream().mapToDouble(this::choice).toArray();
            double[] values =
                scored.stream()
                    .mapToDouble(outcome -> value(outcome, quantity, fullMark))
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

  private double choice(Outcome.Scored outcome) {
    return by.map(outcome.components()::get).orElse(outcome.total());
  }

  private static double value(Outcome.Scored outcome, Quantity quantity, double fullMark) {
    return quantity.isShare() ? (outcome.total() >= fullMark ? 1 : 0) : outcome.total();
  }
}

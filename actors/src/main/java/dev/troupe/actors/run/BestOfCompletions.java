package dev.troupe.actors.run;

import dev.troupe.algorithms.bestofn.BestOfN;
import java.util.List;
import java.util.Locale;

/**
 * What the best of n completions is worth, prompt by prompt.
 *
 * @param n completions that the best is chosen from
 * @param divergenceBound how far at most the policy that answers so is from the one that samples,
 *     nats; the true divergence is smaller where completions have equal rewards
 * @param examples index of each held-out prompt with n scored completions or more
 * @param scores what its best completion is expected to score: the mean over all choices of n among
 *     its completions
 */
record BestOfCompletions(
    int n, double divergenceBound, List<Integer> examples, List<Double> scores) {

  /** Copies the lists. */
  BestOfCompletions {
    examples = List.copyOf(examples);
    scores = List.copyOf(scores);
  }

  /** Such as {@code best of 4, at most 0.64 nats away}. */
  String label() {
    return n == 1
        ? "one completion"
        : String.format(
            Locale.ROOT, "best of %d, at most %.2f nats away", n, new BestOfN(n).divergenceBound());
  }
}

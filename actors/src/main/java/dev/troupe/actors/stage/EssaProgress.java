package dev.troupe.actors.stage;

import dev.troupe.algorithms.essa.SearchState;

/**
 * How far a search has come: all that it needs to go on after a restart.
 *
 * @param state of the evolution strategy
 * @param best search vector of the best candidate that was evaluated so far; zeros before the first
 * @param bestFitness its fitness in its own generation; negative infinity before the first
 * @param result search vector of what the stage would end with now: the mean, until the final
 *     comparison decides otherwise
 * @param completions completions that were sampled for it
 * @param tokens tokens of these
 */
record EssaProgress(
    SearchState state,
    double[] best,
    double bestFitness,
    double[] result,
    long completions,
    long tokens) {

  static EssaProgress start(SearchState state) {
    return new EssaProgress(state, state.mean(), Double.NEGATIVE_INFINITY, state.mean(), 0, 0);
  }

  /** After a generation. */
  EssaProgress moved(SearchState next) {
    return new EssaProgress(next, best, bestFitness, next.mean(), completions, tokens);
  }

  /** With a candidate as the best so far, if it is fitter. */
  EssaProgress seen(double[] candidate, double fitness) {
    return fitness > bestFitness
        ? new EssaProgress(state, candidate, fitness, result, completions, tokens)
        : this;
  }

  /** After the final comparison. */
  EssaProgress decided(double[] better) {
    return new EssaProgress(state, best, bestFitness, better, completions, tokens);
  }

  /** With more completions on the account. */
  EssaProgress spent(long moreCompletions, long moreTokens) {
    return new EssaProgress(
        state, best, bestFitness, result, completions + moreCompletions, tokens + moreTokens);
  }
}

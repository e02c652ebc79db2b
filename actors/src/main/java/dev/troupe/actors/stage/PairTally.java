package dev.troupe.actors.stage;

import dev.troupe.algorithms.preference.PreferenceMetrics;
import dev.troupe.runtime.training.Tally;

/**
 * How well rewards agree with preferences over all micro-batches of a step, kept in its tally.
 *
 * @param name what the numbers are called there
 */
record PairTally(String name) {

  /** Keeps the pairs of a micro-batch. */
  void keep(Tally tally, PreferenceMetrics part) {
    tally.add(name + "/pairs", part.pairs());
    tally.add(name + "/right", part.pairs() * part.accuracy());
    tally.add(name + "/chosen", part.pairs() * part.meanChosenReward());
    tally.add(name + "/rejected", part.pairs() * part.meanRejectedReward());
  }

  /** The pairs of the step. */
  PreferenceMetrics of(Tally tally) {
    double pairs = tally.sum(name + "/pairs");
    return pairs == 0
        ? PreferenceMetrics.NONE
        : new PreferenceMetrics(
            (long) pairs,
            tally.sum(name + "/right") / pairs,
            tally.sum(name + "/chosen") / pairs,
            tally.sum(name + "/rejected") / pairs);
  }
}

package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.reward.PairSelection;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.List;

/**
 * Of each ranked group the best completion, which is preferred, and the worst: rows 2i and 2i + 1
 * are pair i.
 *
 * @param sequences prompt and completion of each row
 * @param reference log-probability of each token under the reference, nats; empty without one
 */
record Pairs(List<TrainingSequence> sequences, List<float[]> reference) {
  /** Rows of a pair, which must stay together. */
  static final int ROWS = 2;

  static Pairs of(List<ScoredGroup> groups) {
    var sequences = new ArrayList<TrainingSequence>();
    var reference = new ArrayList<float[]>();
    for (ScoredGroup group : groups) {
      for (PairSelection.Pair pair : PairSelection.BEST_WORST.of(GroupFacts.rewards(group))) {
        for (int row : new int[] {pair.chosen(), pair.rejected()}) {
          Rollout rollout = group.group().rollouts().get(row);
          sequences.add(Sequences.of(group.group(), rollout));
          if (group.reference() != null && group.reference().reference() != null) {
            reference.add(group.reference().reference().get(row));
          }
        }
      }
    }
    return new Pairs(sequences, reference);
  }

  int count() {
    return sequences.size() / ROWS;
  }

  boolean isEmpty() {
    return sequences.isEmpty();
  }
}

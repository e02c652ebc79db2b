package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.reward.PairSelection;
import dev.troupe.runtime.rollout.RolloutRow.Lesson;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.List;

/**
 * Of each ranked group the best completion, which is preferred, and the worst: rows 2i and 2i + 1
 * are pair i.
 *
 * @param sequences prompt and completion of each row
 * @param reference log-probability of each token under the reference, nats; empty without one
 * @param places which completion of which group each row is
 */
record Pairs(List<TrainingSequence> sequences, List<float[]> reference, List<Place> places) {
  /** Rows of a pair, which must stay together. */
  static final int ROWS = 2;

  /** The number that these methods have for a completion. */
  private static final String QUANTITY = "implicit reward";

  /**
   * A completion of the step.
   *
   * @param group index of its group
   * @param row its index in the group
   */
  record Place(int group, int row) {}

  static Pairs of(List<ScoredGroup> groups) {
    var sequences = new ArrayList<TrainingSequence>();
    var reference = new ArrayList<float[]>();
    var places = new ArrayList<Place>();
    for (int g = 0; g < groups.size(); g++) {
      ScoredGroup group = groups.get(g);
      for (PairSelection.Pair pair : PairSelection.BEST_WORST.of(GroupFacts.rewards(group))) {
        for (int row : new int[] {pair.chosen(), pair.rejected()}) {
          Rollout rollout = group.group().rollouts().get(row);
          sequences.add(Sequences.of(group.group(), rollout));
          places.add(new Place(g, row));
          if (group.reference() != null && group.reference().reference() != null) {
            reference.add(group.reference().reference().get(row));
          }
        }
      }
    }
    return new Pairs(sequences, reference, places);
  }

  /**
   * What the step made of them.
   *
   * @param beta of the implicit reward: that much of the log-ratio of policy and reference
   */
  List<Credit> credits(ReadTokens read, double beta) {
    var credits = new ArrayList<Credit>();
    for (int i = 0; i < places.size(); i++) {
      ReadTokens.Tokens tokens = read.of(i);
      float[] known = reference.isEmpty() ? tokens.reference() : reference.get(i);
      double amount = beta * ReadTokens.Tokens.logRatio(tokens.policy(), known);
      var lesson =
          new Lesson(i % ROWS == 0 ? "chosen" : "rejected", QUANTITY, amount, tokens.pulls());
      credits.add(Credit.ofLesson(places.get(i).group(), places.get(i).row(), tokens, lesson));
    }
    return credits;
  }

  int count() {
    return sequences.size() / ROWS;
  }

  boolean isEmpty() {
    return sequences.isEmpty();
  }
}

package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rollouts of some groups that are trained on, row by row. A rollout whose scoring failed is
 * left out, and with fewer than two left there is nothing to compare, so the whole group is.
 *
 * @param sequences prompt and completion of each row
 * @param behaviour log-probability of each token under the policy that sampled it, nats
 * @param reference the same under the reference; empty without one
 * @param advantages advantage of each token
 * @param shaping sum of the token rewards of all rows, 0 without shaping
 */
record GroupBatch(
    List<TrainingSequence> sequences,
    List<float[]> behaviour,
    List<float[]> reference,
    List<float[]> advantages,
    double shaping) {

  private static final int LEAST = 2;

  static GroupBatch of(List<ScoredGroup> groups, TokenAdvantages advantages) {
    var sequences = new ArrayList<TrainingSequence>();
    var behaviour = new ArrayList<float[]>();
    var reference = new ArrayList<float[]>();
    var advantage = new ArrayList<float[]>();
    double shaping = 0;
    for (ScoredGroup group : groups) {
      double[] all = group.outcomes().stream().mapToDouble(GroupFacts::reward).toArray();
      int[] rows = IntStream.range(0, all.length).filter(i -> !Double.isNaN(all[i])).toArray();
      if (rows.length < LEAST) {
        continue;
      }
      double[] rewards = IntStream.of(rows).mapToDouble(i -> all[i]).toArray();
      TokenAdvantages.Rows tokens = advantages.of(group, rows, rewards);
      advantage.addAll(tokens.advantages());
      shaping += tokens.shaping();
      for (int row : rows) {
        Rollout rollout = group.group().rollouts().get(row);
        sequences.add(Sequences.of(group.group(), rollout));
        behaviour.add(rollout.logps());
        if (group.reference() != null && group.reference().reference() != null) {
          reference.add(group.reference().reference().get(row));
        }
      }
    }
    return new GroupBatch(sequences, behaviour, reference, advantage, shaping);
  }

  boolean isEmpty() {
    return sequences.isEmpty();
  }

  int[] lengths() {
    return behaviour.stream().mapToInt(row -> row.length).toArray();
  }

  long tokens() {
    return behaviour.stream().mapToLong(row -> row.length).sum();
  }
}

package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.List;

/**
 * One completion that may be trained on.
 *
 * @param group the group that it belongs to, with what frozen models say of it
 * @param row its index in the group
 * @param reward what it is worth
 */
record Trial(ScoredGroup group, int row, double reward) {

  Trial withReward(double other) {
    return new Trial(group, row, other);
  }

  Rollout rollout() {
    return group.group().rollouts().get(row);
  }

  int length() {
    return rollout().length();
  }

  /** Prompt and completion; a row for each segment. */
  List<TrainingSequence> sequences() {
    return Sequences.segments(group.group(), rollout());
  }

  /** Log-probability of each token under the policy that sampled it, nats. */
  float[] behaviour() {
    return rollout().logps();
  }

  /** The same under the reference; null without one. */
  float[] reference() {
    boolean isThere = group.reference() != null && group.reference().reference() != null;
    return isThere ? group.reference().reference().get(row) : null;
  }

  /** The same under the model of token rewards. */
  float[] shaping() {
    return group.reference().shaping().get(row);
  }

  /** The same under what that model was trained against. */
  float[] shapingBase() {
    return group.reference().shapingBase().get(row);
  }
}

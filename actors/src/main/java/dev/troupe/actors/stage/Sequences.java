package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rollouts as the trainer and the frozen models want them: prompt and completion in one row. */
public final class Sequences {
  private Sequences() {}

  /** A rollout behind its prompt. */
  public static TrainingSequence of(Group group, Rollout rollout) {
    int[] prompt = group.promptTokens();
    int[] tokens = Arrays.copyOf(prompt, prompt.length + rollout.length());
    System.arraycopy(rollout.tokens(), 0, tokens, prompt.length, rollout.length());
    return new TrainingSequence(tokens, prompt.length);
  }

  /** All rollouts of all groups, in order. */
  public static List<TrainingSequence> of(List<Group> groups) {
    var sequences = new ArrayList<TrainingSequence>();
    for (Group group : groups) {
      for (Rollout rollout : group.rollouts()) {
        sequences.add(of(group, rollout));
      }
    }
    return sequences;
  }
}

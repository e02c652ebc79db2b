package dev.troupe.actors.reward;

import dev.troupe.actors.protocol.Group;
import dev.troupe.runtime.reward.Outcome;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Scores all rollouts of a group, each in bounded time. */
@FunctionalInterface
public interface GroupScorer {
  /** The outcomes of a group in the order of its rollouts; the stage never fails for a rollout. */
  CompletionStage<List<Outcome>> score(Group group);
}

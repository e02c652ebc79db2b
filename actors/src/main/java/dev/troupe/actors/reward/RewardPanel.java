package dev.troupe.actors.reward;

import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.runtime.reward.Outcome;

/** Judges one rollout of a ticket. Called by several threads at once. */
@FunctionalInterface
public interface RewardPanel {
  /** The outcome; what a reward function throws may also be thrown here. */
  Outcome judge(Ticket ticket, Rollout rollout) throws Exception;
}

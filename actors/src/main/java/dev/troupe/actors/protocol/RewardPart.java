package dev.troupe.actors.protocol;

import dev.troupe.runtime.reward.Outcome;
import java.util.List;

/**
 * What the reward actor adds to a group.
 *
 * @param ticket whose group was scored
 * @param outcomes one a rollout, in the order of the samples; a failure is never a reward of 0
 * @param nanos time that scoring took
 */
public record RewardPart(TicketId ticket, List<Outcome> outcomes, long nanos) {
  /** Copies the list. */
  public RewardPart {
    outcomes = List.copyOf(outcomes);
  }
}

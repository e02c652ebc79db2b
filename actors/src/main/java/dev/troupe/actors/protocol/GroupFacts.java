package dev.troupe.actors.protocol;

import dev.troupe.runtime.reward.Outcome;
import java.util.List;

/**
 * What the supervisor may know of a finished group: numbers about it, no tokens.
 *
 * @param ticket whose group it is
 * @param step the step that waits for it
 * @param example index of its prompt
 * @param purpose what it is for
 * @param rewards total reward of each rollout in the order of the samples; NaN where scoring failed
 * @param failures what went wrong, one sentence a failed rollout
 * @param tokens sampled tokens
 * @param generateNanos this group's share of the time of decoding
 * @param rewardNanos time of the reward functions
 * @param referenceNanos this group's share of the time of the frozen models
 */
public record GroupFacts(
    TicketId ticket,
    long step,
    int example,
    Purpose purpose,
    List<Double> rewards,
    List<String> failures,
    long tokens,
    long generateNanos,
    long rewardNanos,
    long referenceNanos) {

  /** Copies the lists. */
  public GroupFacts {
    rewards = List.copyOf(rewards);
    failures = List.copyOf(failures);
  }

  /** The total of an outcome, NaN for a failure. */
  public static double reward(Outcome outcome) {
    return outcome instanceof Outcome.Scored scored ? scored.total() : Double.NaN;
  }

  /** The total of each rollout of a group, NaN for a failure. */
  public static double[] rewards(ScoredGroup group) {
    return group.outcomes().stream().mapToDouble(GroupFacts::reward).toArray();
  }
}

package dev.troupe.actors.protocol;

import java.util.List;

/**
 * The rollouts of one ticket.
 *
 * @param ticket what was asked for
 * @param promptTokens the prompt as the policy saw it; not to be written to
 * @param rollouts one a sample, in the order of the samples
 */
public record Group(Ticket ticket, int[] promptTokens, List<Rollout> rollouts) {

  /** Copies the list and refuses a group of another size than the ticket's. */
  public Group {
    rollouts = List.copyOf(rollouts);
    if (rollouts.size() != ticket.samples()) {
      throw new IllegalArgumentException(
          "group of ticket %s has %d rollouts, not the %d asked for"
              .formatted(ticket.id(), rollouts.size(), ticket.samples()));
    }
  }

  /** Tokens of all rollouts together, prompts not counted. */
  public long tokens() {
    long tokens = 0;
    for (Rollout rollout : rollouts) {
      tokens += rollout.length();
    }
    return tokens;
  }

  /** All tokens that the group carries: sampled, given between turns, and the prompt. */
  public long carried() {
    long carried = promptTokens.length;
    for (Rollout rollout : rollouts) {
      carried += rollout.length() + rollout.interplay().tokens();
    }
    return carried;
  }
}

package dev.troupe.actors.protocol;

import dev.troupe.runtime.model.PolicyVersion;

/**
 * The right and the duty to produce one group: {@code samples} completions of one prompt by one
 * policy version. The content of the group depends on the ticket alone, never on who works on it or
 * when.
 *
 * @param id its name
 * @param purpose what the group is for
 * @param step the step of the phase that the group belongs to, from 0
 * @param example index of the prompt in the split of the task that the purpose reads
 * @param draw where its random numbers are: tickets with the same draw, which only different
 *     policies answer, get the same ones
 * @param samples completions to draw, at least 1
 * @param seed of the phase; random numbers are counted by (seed, draw, sample, token)
 * @param policy the version that must sample, by its digest
 * @param scoring the frozen models that must score
 */
public record Ticket(
    TicketId id,
    Purpose purpose,
    long step,
    int example,
    long draw,
    int samples,
    long seed,
    PolicyVersion policy,
    ScoringModels scoring) {

  /** Refuses a ticket that asks for nothing. */
  public Ticket {
    if (samples < 1) {
      throw new IllegalArgumentException("ticket " + id + ": samples=" + samples + " is below 1");
    }
  }

  /** A ticket with a draw of its own, which is its ordinal. */
  public Ticket(
      TicketId id,
      Purpose purpose,
      long step,
      int example,
      int samples,
      long seed,
      PolicyVersion policy,
      ScoringModels scoring) {
    this(id, purpose, step, example, id.ordinal(), samples, seed, policy, scoring);
  }
}

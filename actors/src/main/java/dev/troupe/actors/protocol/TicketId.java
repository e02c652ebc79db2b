package dev.troupe.actors.protocol;

/**
 * The name of a ticket, unique in a run.
 *
 * @param phase the part of the run that planned it, such as {@code grpo} or {@code grpo:evaluation}
 * @param ordinal how many tickets the phase had planned before it, from 0; counted over all steps
 */
public record TicketId(String phase, long ordinal) implements Comparable<TicketId> {

  /** Orders by phase, then by ordinal. */
  @Override
  public int compareTo(TicketId other) {
    int byPhase = phase.compareTo(other.phase);
    return byPhase != 0 ? byPhase : Long.compare(ordinal, other.ordinal);
  }

  /** For people: {@code grpo/17}. */
  @Override
  public String toString() {
    return phase + "/" + ordinal;
  }
}

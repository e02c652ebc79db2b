package dev.troupe.actors.protocol;

import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.Pacing;
import java.util.List;

/**
 * A fixed list of tickets that are decoded together. Its composition follows from the plan of the
 * phase and never from load, because what shares a batch may show in the last bits of a result.
 *
 * @param id its name
 * @param sampling how completions are drawn
 * @param pacing whether exactly the tickets' version samples, or it and newer ones
 * @param tickets at least one, all of the same policy version, seed and purpose
 */
public record WorkUnit(UnitId id, Sampling sampling, Pacing pacing, List<Ticket> tickets) {

  /** Copies the list and refuses one whose tickets cannot be decoded together. */
  public WorkUnit {
    tickets = List.copyOf(tickets);
    if (tickets.isEmpty()) {
      throw new IllegalArgumentException("work unit " + id + " has no ticket");
    }
    Ticket first = tickets.get(0);
    for (Ticket ticket : tickets) {
      if (!ticket.policy().equals(first.policy())
          || !ticket.scoring().equals(first.scoring())
          || ticket.seed() != first.seed()
          || ticket.purpose() != first.purpose()) {
        throw new IllegalArgumentException(
            "work unit %s mixes tickets that cannot be decoded together: %s and %s"
                .formatted(id, first, ticket));
      }
    }
  }

  /** A unit that exactly the tickets' version samples. */
  public WorkUnit(UnitId id, Sampling sampling, List<Ticket> tickets) {
    this(id, sampling, Pacing.WINDOW, tickets);
  }

  /** The version that must decode the unit; with {@link Pacing#NEWEST} the oldest that may. */
  public PolicyVersion policy() {
    return tickets.get(0).policy();
  }

  /** What the rollouts are for. */
  public Purpose purpose() {
    return tickets.get(0).purpose();
  }

  /** The frozen models that score its groups. */
  public ScoringModels scoring() {
    return tickets.get(0).scoring();
  }

  /** The seed of its random numbers. */
  public long seed() {
    return tickets.get(0).seed();
  }
}

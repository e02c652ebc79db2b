package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.runtime.generation.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongToIntFunction;

/**
 * Which tickets a step needs and how they are bundled: a pure function of the step and of the
 * versions it is bound to.
 *
 * @param phase prefix of ticket and unit names, unique in the run
 * @param purpose what the groups are for
 * @param seed of the random numbers of the phase
 * @param prompts tickets of a step, at least 1
 * @param samples completions of a ticket, at least 1
 * @param unitPrompts tickets decoded together, at least 1; the last unit of a step may have fewer
 * @param sampling how completions are drawn
 * @param examples the prompt used at a position of the endless stream of tickets
 */
public record TicketPlan(
    String phase,
    Purpose purpose,
    long seed,
    int prompts,
    int samples,
    int unitPrompts,
    Sampling sampling,
    LongToIntFunction examples) {

  /** Refuses counts below 1. */
  public TicketPlan {
    if (prompts < 1 || samples < 1 || unitPrompts < 1) {
      throw new IllegalArgumentException(
          "phase %s: prompts=%d samples=%d unitPrompts=%d must all be 1 or more"
              .formatted(phase, prompts, samples, unitPrompts));
    }
  }

  /** The work units of a step, in the order in which they are granted. */
  public List<WorkUnit> units(long step, VersionSet versions) {
    var units = new ArrayList<WorkUnit>();
    for (int from = 0; from < prompts; from += unitPrompts) {
      var tickets = new ArrayList<Ticket>();
      for (int i = from; i < Math.min(from + unitPrompts, prompts); i++) {
        tickets.add(ticket(step, step * prompts + i, versions));
      }
      units.add(new WorkUnit(new UnitId(phase, step, units.size()), sampling, tickets));
    }
    return units;
  }

  /** The names of the tickets of a step, in the order in which the learner reads their groups. */
  public List<TicketId> tickets(long step) {
    var ids = new ArrayList<TicketId>(prompts);
    for (int i = 0; i < prompts; i++) {
      ids.add(new TicketId(phase, step * prompts + i));
    }
    return ids;
  }

  private Ticket ticket(long step, long ordinal, VersionSet versions) {
    return new Ticket(
        new TicketId(phase, ordinal),
        purpose,
        step,
        examples.applyAsInt(ordinal),
        samples,
        seed,
        versions.policy(),
        purpose == Purpose.TRAINING ? versions.scoring() : ScoringModels.NONE);
  }
}

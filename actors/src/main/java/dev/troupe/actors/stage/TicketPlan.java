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
 * @param prompts tickets of one round of a step, at least 1
 * @param rounds how many rounds of tickets a step may need, at least 1; ordinals are kept free for
 *     all of them, so that a ticket's name tells its prompt whatever other steps needed
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
    int rounds,
    int samples,
    int unitPrompts,
    Sampling sampling,
    LongToIntFunction examples) {

  /** Refuses counts below 1. */
  public TicketPlan {
    if (prompts < 1 || rounds < 1 || samples < 1 || unitPrompts < 1) {
      throw new IllegalArgumentException(
          "phase %s: prompts=%d rounds=%d samples=%d unitPrompts=%d must all be 1 or more"
              .formatted(phase, prompts, rounds, samples, unitPrompts));
    }
  }

  /** A plan whose steps need one round each. */
  public TicketPlan(
      String phase,
      Purpose purpose,
      long seed,
      int prompts,
      int samples,
      int unitPrompts,
      Sampling sampling,
      LongToIntFunction examples) {
    this(phase, purpose, seed, prompts, 1, samples, unitPrompts, sampling, examples);
  }

  /** The same with so many rounds that a step may need. */
  public TicketPlan withRounds(int most) {
    return new TicketPlan(
        phase, purpose, seed, prompts, most, samples, unitPrompts, sampling, examples);
  }

  /** The ordinal of the first ticket that a step may have. */
  public long firstOrdinal(long step) {
    return step * prompts * rounds;
  }

  /** The work units of a step's first round, in the order in which they are granted. */
  public List<WorkUnit> units(long step, VersionSet versions) {
    return units(step, 0, versions);
  }

  /**
   * The work units of one round of a step, in the order in which they are granted.
   *
   * @param round from 0
   */
  public List<WorkUnit> units(long step, int round, VersionSet versions) {
    var units = new ArrayList<WorkUnit>();
    int before = round * ((prompts + unitPrompts - 1) / unitPrompts);
    long first = firstOrdinal(step) + (long) round * prompts;
    for (int from = 0; from < prompts; from += unitPrompts) {
      var tickets = new ArrayList<Ticket>();
      for (int i = from; i < Math.min(from + unitPrompts, prompts); i++) {
        tickets.add(ticket(step, first + i, versions));
      }
      units.add(new WorkUnit(new UnitId(phase, step, before + units.size()), sampling, tickets));
    }
    return units;
  }

  /** The names of the tickets of a step's first round, in the order in which they are read. */
  public List<TicketId> tickets(long step) {
    return tickets(step, 1);
  }

  /**
   * The names of the tickets of a step, in the order in which the learner reads their groups.
   *
   * @param planned how many of its rounds count, from the first on
   */
  public List<TicketId> tickets(long step, int planned) {
    var ids = new ArrayList<TicketId>(prompts * planned);
    for (long i = 0; i < (long) prompts * planned; i++) {
      ids.add(new TicketId(phase, firstOrdinal(step) + i));
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

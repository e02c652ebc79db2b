package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.Pacing;
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
 * @param prompts tickets of one round of a step for each policy version that samples it, at least 1
 * @param rounds how many rounds of tickets a step may need, at least 1; ordinals are kept free for
 *     all of them, so that a ticket's name tells its prompt whatever other steps needed
 * @param samples completions of a ticket, at least 1
 * @param unitPrompts tickets decoded together, at least 1; the last unit of a version may have
 *     fewer
 * @param sampling how completions are drawn
 * @param examples the prompt used at a position of the endless stream of prompts
 * @param candidates policy versions that sample a step, 1 unless it compares several
 * @param draws where in the stream a ticket reads
 * @param pacing which versions may sample a ticket
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
    LongToIntFunction examples,
    int candidates,
    Draws draws,
    Pacing pacing) {

  /** Where in the endless stream of prompts, and of random numbers, tickets read. */
  @FunctionalInterface
  public interface Draws {
    /**
     * The position of a ticket.
     *
     * @param round its round, counted over all steps from 0
     * @param candidate which of the step's policy versions answers it, from 0
     * @param index which of this version's tickets of the round it is, from 0
     */
    long at(long round, int candidate, int index);
  }

  /** Refuses counts below 1. */
  public TicketPlan {
    if (prompts < 1 || rounds < 1 || samples < 1 || unitPrompts < 1 || candidates < 1) {
      throw new IllegalArgumentException(
          "phase %s: prompts=%d rounds=%d samples=%d unitPrompts=%d candidates=%d must all be 1 or more"
              .formatted(phase, prompts, rounds, samples, unitPrompts, candidates));
    }
  }

  /** A plan in which one policy version samples a step in one round. */
  public TicketPlan(
      String phase,
      Purpose purpose,
      long seed,
      int prompts,
      int samples,
      int unitPrompts,
      Sampling sampling,
      LongToIntFunction examples) {
    this(
        phase,
        purpose,
        seed,
        prompts,
        1,
        samples,
        unitPrompts,
        sampling,
        examples,
        1,
        (round, candidate, index) -> round * prompts + index,
        Pacing.WINDOW);
  }

  /** The same with so many rounds that a step may need. */
  public TicketPlan withRounds(int most) {
    return with(most, candidates, draws, pacing);
  }

  /**
   * The same with several policy versions in a step.
   *
   * @param count how many
   * @param order where their tickets read
   */
  public TicketPlan comparing(int count, Draws order) {
    return with(rounds, count, order, pacing);
  }

  /** The same with another choice of the versions that sample. */
  public TicketPlan paced(Pacing other) {
    return with(rounds, candidates, draws, other);
  }

  private TicketPlan with(int most, int count, Draws order, Pacing pace) {
    return new TicketPlan(
        phase,
        purpose,
        seed,
        prompts,
        most,
        samples,
        unitPrompts,
        sampling,
        examples,
        count,
        order,
        pace);
  }

  /** Tickets of one round, for all policy versions together. */
  private int perRound() {
    return candidates * prompts;
  }

  /** The ordinal of the first ticket that a step may have. */
  public long firstOrdinal(long step) {
    return step * rounds * perRound();
  }

  /** The work units of a step's first round, in the order in which they are granted. */
  public List<WorkUnit> units(long step, VersionSet versions) {
    return units(step, 0, versions);
  }

  /**
   * The work units of one round of a step, in the order in which they are granted. A unit has
   * tickets of one policy version only.
   *
   * @param round from 0
   */
  public List<WorkUnit> units(long step, int round, VersionSet versions) {
    List<PolicyVersion> policies = versions.sampling();
    if (policies.size() != candidates) {
      throw new IllegalArgumentException(
          "phase %s: step %d is sampled by %d policy versions, not by %d"
              .formatted(phase, step, candidates, policies.size()));
    }
    var units = new ArrayList<WorkUnit>();
    int before = round * candidates * ((prompts + unitPrompts - 1) / unitPrompts);
    for (int candidate = 0; candidate < candidates; candidate++) {
      for (int from = 0; from < prompts; from += unitPrompts) {
        var tickets = new ArrayList<Ticket>();
        for (int i = from; i < Math.min(from + unitPrompts, prompts); i++) {
          tickets.add(ticket(step, round, candidate, i, versions));
        }
        var id = new UnitId(phase, step, before + units.size());
        units.add(new WorkUnit(id, sampling, pacing, tickets));
      }
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
    int count = planned * perRound();
    var ids = new ArrayList<TicketId>(count);
    for (int i = 0; i < count; i++) {
      ids.add(new TicketId(phase, firstOrdinal(step) + i));
    }
    return ids;
  }

  private Ticket ticket(long step, int round, int candidate, int index, VersionSet versions) {
    long draw = draws.at(step * rounds + round, candidate, index);
    long ordinal =
        firstOrdinal(step) + (long) round * perRound() + (long) candidate * prompts + index;
    return new Ticket(
        new TicketId(phase, ordinal),
        purpose,
        step,
        examples.applyAsInt(draw),
        draw,
        samples,
        seed,
        versions.sampling().get(candidate),
        versions.scoring());
  }
}

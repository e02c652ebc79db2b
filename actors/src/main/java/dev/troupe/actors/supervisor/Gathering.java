package dev.troupe.actors.supervisor;

import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.algorithms.dapo.DynamicSampling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Gathers the groups of each step of a stage. A stage that samples in one round is trained on all
 * of them. One that may sample in several leaves out groups whose completions are all of one
 * reward, and has further prompts sampled in their place until the batch is full or the rounds are
 * used up: DAPO's dynamic sampling. What is sampled follows from rewards alone, so a repeated step
 * gathers the same groups. Plain state of the supervisor, no actor.
 */
final class Gathering {
  private final Consumer<List<WorkUnit>> planner;
  private final UnitBook book;
  private final TicketPlan plan;
  private final DynamicSampling rule;
  private final Map<Long, Progress> steps = new HashMap<>();

  /** The tickets of a step so far, and how many of them, from the first on, are complete. */
  private static final class Progress {
    int rounds;
    List<TicketId> tickets = List.of();
    int complete;
  }

  /**
   * @param planner sees to it that units are sampled
   * @param book knows which groups are complete
   */
  Gathering(Consumer<List<WorkUnit>> planner, UnitBook book, TicketPlan plan) {
    this.planner = planner;
    this.book = book;
    this.plan = plan;
    this.rule = new DynamicSampling(plan.prompts(), plan.rounds() - 1, 0);
  }

  /** Plans the first round of a step. */
  void plan(long step, VersionSet versions) {
    steps.put(step, new Progress());
    planRound(step, versions);
  }

  private void planRound(long step, VersionSet versions) {
    Progress progress = steps.get(step);
    planner.accept(plan.units(step, progress.rounds, versions));
    progress.rounds++;
    progress.tickets = plan.tickets(step, progress.rounds);
  }

  /** Asked after every message, so it never looks twice at a ticket that is complete. */
  private boolean isComplete(Progress progress) {
    while (progress.complete < progress.tickets.size()
        && book.isComplete(progress.tickets.get(progress.complete))) {
      progress.complete++;
    }
    return progress.complete == progress.tickets.size();
  }

  /**
   * The groups to train a step on, if it has enough of them; otherwise sees to more.
   *
   * @param versions those that the step is bound to
   */
  Optional<List<TicketId>> ready(long step, VersionSet versions) {
    Progress progress = steps.get(step);
    if (progress == null || !isComplete(progress)) {
      return Optional.empty();
    }
    List<TicketId> tickets = progress.tickets;
    if (plan.rounds() == 1) {
      return Optional.of(tickets);
    }
    DynamicSampling.Selection selection =
        rule.select(book.facts(tickets).stream().map(Gathering::rewards).toList());
    if (rule.wantsMore(selection, progress.rounds - 1)) {
      planRound(step, versions);
      return Optional.empty();
    }
    // A step that found nothing to learn from still is a step: its advantages are all 0.
    return Optional.of(
        selection.kept().isEmpty()
            ? plan.tickets(step)
            : selection.kept().stream().map(tickets::get).toList());
  }

  /** Takes the facts of all groups of a step out of the book, also of those left out. */
  List<GroupFacts> take(long step) {
    return book.take(plan.tickets(step, steps.remove(step).rounds));
  }

  /** Without failures; a group that failed as a whole is one that says nothing. */
  private static double[] rewards(GroupFacts group) {
    double[] known =
        group.rewards().stream()
            .mapToDouble(Double::doubleValue)
            .filter(reward -> !Double.isNaN(reward))
            .toArray();
    return known.length == 0 ? new double[1] : known;
  }
}

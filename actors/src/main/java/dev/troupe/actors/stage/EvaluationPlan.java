package dev.troupe.actors.stage;

import java.util.Set;

/**
 * Which stages are measured on held-out prompts and how.
 *
 * @param stages names of the stages after which to measure
 * @param tickets the prompts; the same for every stage, so that results can be paired
 */
public record EvaluationPlan(Set<String> stages, TicketPlan tickets) {
  /** Copies the set. */
  public EvaluationPlan {
    stages = Set.copyOf(stages);
  }

  /** The tickets for one stage: the same prompts and random numbers under a name of their own. */
  public TicketPlan of(String stage) {
    return new TicketPlan(
        stage + ":evaluation",
        tickets.purpose(),
        tickets.seed(),
        tickets.prompts(),
        tickets.samples(),
        tickets.unitPrompts(),
        tickets.sampling(),
        tickets.examples());
  }
}

package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Purpose;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.settings.EvaluationSettings;
import java.util.List;
import java.util.Set;

/**
 * Which stages are measured on held-out prompts and how.
 *
 * @param stages names of the stages after which to measure
 * @param tickets the prompts; the same for every stage, so that results can be paired
 */
public record EvaluationPlan(Set<String> stages, TicketPlan tickets) {
  /** Prompts that are decoded together. */
  private static final int UNIT_PROMPTS = 64;

  /** Copies the set. */
  public EvaluationPlan {
    stages = Set.copyOf(stages);
  }

  /**
   * The held-out prompts, how they are answered and with which random numbers.
   *
   * @param runSeed the seed of the run
   * @param heldOut held-out examples that there are, at least 1; fewer than wanted will do
   * @param stopTokens tokens that end a completion
   */
  public static TicketPlan tickets(
      EvaluationSettings wanted, long runSeed, int heldOut, List<Integer> stopTokens) {
    return new TicketPlan(
        "evaluation",
        Purpose.EVALUATION,
        Seeds.of(runSeed, "evaluation"),
        Math.min(wanted.prompts(), heldOut),
        wanted.samples(),
        UNIT_PROMPTS,
        new Sampling(
            wanted.temperature(), 0, 1, 0, 1, wanted.maxTokens(), stopTokens, wanted.stop()),
        Math::toIntExact);
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

package dev.troupe.actors.protocol;

import dev.troupe.runtime.reward.Outcome;
import java.util.List;

/**
 * A group with everything that was learned about it.
 *
 * @param group the rollouts
 * @param outcomes reward or failure of each rollout, in the order of the samples
 * @param reference log-probabilities under frozen models; null when the ticket names no model
 */
public record ScoredGroup(Group group, List<Outcome> outcomes, ReferencePart reference) {

  /** Copies the list and refuses parts that do not fit the rollouts token by token. */
  public ScoredGroup {
    outcomes = List.copyOf(outcomes);
    if (outcomes.size() != group.rollouts().size()) {
      throw new IllegalArgumentException(
          "ticket %s: %d outcomes for %d rollouts"
              .formatted(group.ticket().id(), outcomes.size(), group.rollouts().size()));
    }
    if (reference != null) {
      requireFit(group, "reference", reference.reference());
      requireFit(group, "shaping", reference.shaping());
      requireFit(group, "shapingBase", reference.shapingBase());
      requireScores(group, reference.scores());
    }
  }

  private static void requireFit(Group group, String part, List<float[]> rows) {
    if (rows == null) {
      return;
    }
    boolean fits = rows.size() == group.rollouts().size();
    for (int i = 0; fits && i < rows.size(); i++) {
      fits = rows.get(i).length == group.rollouts().get(i).length();
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "ticket %s: the %s log-probabilities do not fit the rollouts"
              .formatted(group.ticket().id(), part));
    }
  }

  private static void requireScores(Group group, List<float[]> scores) {
    if (scores != null && scores.size() != group.rollouts().size()) {
      throw new IllegalArgumentException(
          "ticket %s: %d rows of scores for %d rollouts"
              .formatted(group.ticket().id(), scores.size(), group.rollouts().size()));
    }
  }

  /** What was asked for. */
  public Ticket ticket() {
    return group.ticket();
  }
}

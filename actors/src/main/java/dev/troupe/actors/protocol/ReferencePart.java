package dev.troupe.actors.protocol;

import java.util.List;

/**
 * What the reference actor adds to a group: log-probabilities of its tokens under frozen models,
 * one array a rollout, as long as the rollout, and the outputs of a reward model. The arrays are
 * not to be written to.
 *
 * @param ticket whose group was scored
 * @param models the versions that scored, as the ticket asked
 * @param reference under the reference, nats; null when the ticket names none
 * @param shaping under the shaping model, nats; null when the ticket names none
 * @param shapingBase under the base of the shaping model, nats; null when the ticket names none
 * @param scores outputs of the reward model's head, one array a rollout; null when the ticket names
 *     none
 * @param nanos this group's share of the time that scoring took
 */
public record ReferencePart(
    TicketId ticket,
    ScoringModels models,
    List<float[]> reference,
    List<float[]> shaping,
    List<float[]> shapingBase,
    List<float[]> scores,
    long nanos) {

  /** Copies the lists and refuses a part that lacks what its models should have given. */
  public ReferencePart {
    reference = copyOrNull(reference);
    shaping = copyOrNull(shaping);
    shapingBase = copyOrNull(shapingBase);
    scores = copyOrNull(scores);
    if ((models.reference() == null) != (reference == null)
        || (models.shaping() == null) != (shaping == null)
        || (models.shapingBase() == null) != (shapingBase == null)
        || (models.reward() == null) != (scores == null)) {
      throw new IllegalArgumentException(
          "reference part of ticket " + ticket + " does not match its models " + models);
    }
  }

  private static List<float[]> copyOrNull(List<float[]> rows) {
    return rows == null ? null : List.copyOf(rows);
  }
}

package dev.troupe.actors.protocol;

import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.reward.Attempt;
import dev.troupe.runtime.reward.Outcome;
import java.util.OptionalDouble;

/**
 * One sampled completion, or all turns of a policy in one episode. Tokens that the policy was given
 * between its turns are no part of {@code tokens}, so nothing that is summed over these can count
 * them; {@code interplay} knows where they stood.
 *
 * @param sample index within the group, from 0
 * @param tokens the sampled ids, stop tokens included; not to be written to
 * @param logps behaviour log-probability of each token, nats; not to be written to
 * @param finish why sampling ended, the last time
 * @param text the completion as text, without the stop token; the last turn of several
 * @param provenance who sampled it
 * @param interplay what the policy was told meanwhile
 */
public record Rollout(
    int sample,
    int[] tokens,
    float[] logps,
    FinishReason finish,
    String text,
    Provenance provenance,
    Interplay interplay) {

  /** Refuses tokens without log-probabilities, and given tokens behind the last one. */
  public Rollout {
    if (tokens.length != logps.length) {
      throw new IllegalArgumentException(
          "rollout %d: %d tokens but %d log-probabilities"
              .formatted(sample, tokens.length, logps.length));
    }
    for (Given given : interplay.given()) {
      if (given.at() > tokens.length) {
        throw new IllegalArgumentException(
            "rollout %d: tokens are given at %d, but %d were sampled"
                .formatted(sample, given.at(), tokens.length));
      }
    }
  }

  /** A completion of a prompt, and nothing else. */
  public Rollout(
      int sample,
      int[] tokens,
      float[] logps,
      FinishReason finish,
      String text,
      Provenance provenance) {
    this(sample, tokens, logps, finish, text, provenance, Interplay.NONE);
  }

  /** Length in sampled tokens. */
  public int length() {
    return tokens.length;
  }

  /** What people are shown of it. */
  public String shown() {
    return interplay.transcript().isEmpty() ? text : interplay.transcript();
  }

  /** What rewards judge. */
  public Attempt attempt() {
    OptionalDouble earned =
        interplay.outcome().orElse(null) instanceof Outcome.Scored scored
            ? OptionalDouble.of(scored.total())
            : OptionalDouble.empty();
    return new Attempt(text, shown(), interplay.turns(), earned);
  }
}

package dev.troupe.actors.protocol;

import dev.troupe.runtime.generation.FinishReason;

/**
 * One sampled completion.
 *
 * @param sample index within the group, from 0
 * @param tokens the sampled ids, the stop token included; not to be written to
 * @param logps behaviour log-probability of each token, nats; not to be written to
 * @param finish why sampling ended
 * @param text the completion as text, without the stop token
 * @param provenance who sampled it
 */
public record Rollout(
    int sample,
    int[] tokens,
    float[] logps,
    FinishReason finish,
    String text,
    Provenance provenance) {

  /** Refuses tokens without log-probabilities. */
  public Rollout {
    if (tokens.length != logps.length) {
      throw new IllegalArgumentException(
          "rollout %d: %d tokens but %d log-probabilities"
              .formatted(sample, tokens.length, logps.length));
    }
  }

  /** Length in tokens. */
  public int length() {
    return tokens.length;
  }
}

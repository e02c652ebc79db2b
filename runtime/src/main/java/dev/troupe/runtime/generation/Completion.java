package dev.troupe.runtime.generation;

import java.util.List;

/**
 * One sampled continuation of a prompt.
 *
 * @param sample its index in the group of its prompt
 * @param tokens the tokens drawn, a stop token included
 * @param logps log-probability in nats of each token under the distribution it was drawn from
 *     (after penalty, temperature and truncation); with temperature 0 under the plain distribution
 * @param finish why it ended; null of one that is still under way
 * @param stretches which weights sampled which tokens, in order; the first begins at 0; empty where
 *     whoever sampled it does not tell
 */
public record Completion(
    int sample, int[] tokens, float[] logps, FinishReason finish, List<Stretch> stretches) {
  /** Copies the list. */
  public Completion {
    stretches = List.copyOf(stretches);
  }

  /** A completion that somebody else than the engine sampled. */
  public Completion(int sample, int[] tokens, float[] logps, FinishReason finish) {
    this(sample, tokens, logps, finish, List.of());
  }
}

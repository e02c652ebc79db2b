package dev.troupe.runtime.generation;

/**
 * A prompt and the number of completions wanted.
 *
 * @param ticket identity of the request; with the seed and the sample index it fixes the random
 *     numbers
 * @param promptTokens at least one token
 * @param samples completions wanted, at least one
 */
public record GenerationRequest(long ticket, int[] promptTokens, int samples) {
  /** Refuses an empty prompt and a group without samples. */
  public GenerationRequest {
    if (promptTokens.length == 0 || samples < 1) {
      throw new IllegalArgumentException(
          "ticket "
              + ticket
              + ": a generation request needs a prompt of at least one token and one sample, found "
              + promptTokens.length
              + " tokens and "
              + samples
              + " samples");
    }
  }
}

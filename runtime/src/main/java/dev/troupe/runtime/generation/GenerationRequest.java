package dev.troupe.runtime.generation;

/**
 * A prompt and the number of completions wanted.
 *
 * @param ticket identity of the request; with the seed and the sample index it fixes the random
 *     numbers
 * @param promptTokens at least one token
 * @param samples completions wanted, at least one
 * @param firstSample index of the first of them
 * @param drawn random numbers of each completion that were used before: those of the turns that the
 *     prompt already holds
 * @param maxTokens longest completion, where that is less than the sampling allows
 */
public record GenerationRequest(
    long ticket, int[] promptTokens, int samples, int firstSample, int drawn, int maxTokens) {
  /** Refuses an empty prompt, a group without samples and counts that cannot be. */
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
    if (firstSample < 0 || drawn < 0 || maxTokens < 1) {
      throw new IllegalArgumentException(
          "ticket %d: firstSample=%d and drawn=%d must be 0 or more, maxTokens=%d 1 or more"
              .formatted(ticket, firstSample, drawn, maxTokens));
    }
  }

  /** Completions of a prompt that nobody has continued before. */
  public GenerationRequest(long ticket, int[] promptTokens, int samples) {
    this(ticket, promptTokens, samples, 0, 0, Integer.MAX_VALUE);
  }

  /**
   * The next turn of one sample.
   *
   * @param grown the whole text so far
   * @param drawn tokens that were sampled for it before
   */
  public static GenerationRequest next(long ticket, int sample, int[] grown, int drawn) {
    return new GenerationRequest(ticket, grown, 1, sample, drawn, Integer.MAX_VALUE);
  }
}

package dev.troupe.runtime.training;

/**
 * A token sequence of which the tail is learnt or scored.
 *
 * @param tokens prompt and response
 * @param promptLength how many of them are given: log-probabilities are wanted for {@code
 *     tokens[promptLength..]}; at least 1, because the first token has nothing before it
 */
public record TrainingSequence(int[] tokens, int promptLength) {
  /** Refuses a sequence without a prompt token. */
  public TrainingSequence {
    if (promptLength < 1 || promptLength > tokens.length) {
      throw new IllegalArgumentException(
          "a training sequence of "
              + tokens.length
              + " tokens has promptLength = "
              + promptLength
              + "; allowed is 1 to the number of tokens");
    }
  }

  /** Number of response tokens. */
  public int responseLength() {
    return tokens.length - promptLength;
  }
}

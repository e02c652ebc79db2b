package dev.troupe.runtime.training;

import java.util.List;

/**
 * A token sequence of which the tail is learnt or scored, but for stretches of it that were given,
 * such as what a tool answered between two turns of the policy.
 *
 * <p>Whatever is asked of a sequence's response has one value for each token of it that was not
 * given, in order: given tokens are read like a prompt and have no log-probability, no advantage
 * and no place in any sum.
 *
 * @param tokens prompt and response
 * @param promptLength how many of them are given before anything else: log-probabilities are wanted
 *     for {@code tokens[promptLength..]}; at least 1, because the first token has nothing before it
 * @param given stretches behind the prompt that are given as well, in order, none touching another
 */
public record TrainingSequence(int[] tokens, int promptLength, List<Span> given) {

  /**
   * A stretch of tokens.
   *
   * @param from index of the first
   * @param to index behind the last; above {@code from}
   */
  public record Span(int from, int to) {
    /** Refuses a stretch of no token. */
    public Span {
      if (from < 0 || to <= from) {
        throw new IllegalArgumentException("a span from " + from + " to " + to + " has no token");
      }
    }

    int length() {
      return to - from;
    }
  }

  /** Refuses a sequence without a prompt token, and stretches outside the response. */
  public TrainingSequence {
    if (promptLength < 1 || promptLength > tokens.length) {
      throw new IllegalArgumentException(
          "a training sequence of "
              + tokens.length
              + " tokens has promptLength = "
              + promptLength
              + "; allowed is 1 to the number of tokens");
    }
    given = List.copyOf(given);
    int end = promptLength;
    for (Span span : given) {
      if (span.from() < end || span.to() > tokens.length) {
        throw new IllegalArgumentException(
            "a training sequence of %d tokens with promptLength = %d has the given spans %s, which must lie behind the prompt, in order and apart"
                .formatted(tokens.length, promptLength, given));
      }
      end = span.to();
    }
  }

  /** A sequence whose whole tail is learnt or scored. */
  public TrainingSequence(int[] tokens, int promptLength) {
    this(tokens, promptLength, List.of());
  }

  /** Number of response tokens: those behind the prompt that are not given. */
  public int responseLength() {
    int length = tokens.length - promptLength;
    for (Span span : given) {
      length -= span.length();
    }
    return length;
  }

  /** The places of the response tokens in {@link #tokens}, in order. */
  int[] responsePositions() {
    int[] positions = new int[responseLength()];
    int next = 0;
    int at = promptLength;
    for (Span span : given) {
      while (at < span.from()) {
        positions[next++] = at++;
      }
      at = span.to();
    }
    while (next < positions.length) {
      positions[next++] = at++;
    }
    return positions;
  }
}

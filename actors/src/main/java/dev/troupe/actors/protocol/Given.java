package dev.troupe.actors.protocol;

/**
 * Tokens that a policy was given before or between those that it sampled: a tool's answer, a chat
 * template's pieces. They are read, never learnt.
 *
 * @param at how many sampled tokens of the rollout stand before them
 * @param isAnew whether the policy saw these alone in place of all that was before, so that a new
 *     segment begins; else they were appended
 * @param tokens at least one; not to be written to
 */
public record Given(int at, boolean isAnew, int[] tokens) {
  /** Refuses nothing that is given, and a place that cannot be. */
  public Given {
    if (at < 0 || tokens.length == 0) {
      throw new IllegalArgumentException(
          "given tokens at %d: there are %d".formatted(at, tokens.length));
    }
  }
}

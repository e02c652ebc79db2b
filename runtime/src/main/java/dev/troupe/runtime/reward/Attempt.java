package dev.troupe.runtime.reward;

import java.util.OptionalDouble;

/**
 * What is judged.
 *
 * @param text what the model wrote, without special tokens: its last turn where there were several
 * @param transcript all turns with what was answered to them; the same as the text where there was
 *     but one
 * @param turns how often the model spoke
 * @param earned what it earned in its environment; empty without one
 */
public record Attempt(String text, String transcript, int turns, OptionalDouble earned) {
  /** A completion of a prompt. */
  public static Attempt of(String completion) {
    return new Attempt(completion, completion, 1, OptionalDouble.empty());
  }
}

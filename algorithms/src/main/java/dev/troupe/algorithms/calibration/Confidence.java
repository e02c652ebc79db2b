package dev.troupe.algorithms.calibration;

import dev.troupe.algorithms.Require;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The confidence that an answer states about itself, as {@code Confidence: n} with n in 0 ... 10
 * (Leng et al. 2025, appendix on prompts).
 *
 * @param value n / 10, in [0, 1]
 * @param isStated whether the answer states one, or {@code value} is the one that was assumed
 * @param text the answer without its confidence sentences: what the reward model of PPO-C scores
 */
public record Confidence(double value, boolean isStated, String text) {
  /** The largest confidence that can be stated; larger ones count as this. */
  public static final double SCALE = 10;

  /** What is assumed of an answer that states none, out of {@link #SCALE}: no change in PPO-C. */
  public static final double IF_MISSING = 5;

  private static final Pattern STATEMENT =
      Pattern.compile("confidence:\\s*(\\d+(?:\\.\\d+)?)", Pattern.CASE_INSENSITIVE);

  /** A statement with what belongs to it: "/10", closing punctuation, spaces after it. */
  private static final Pattern SENTENCE =
      Pattern.compile(STATEMENT.pattern() + "(?:/\\d+)?\\s*[,.!?]* *", Pattern.CASE_INSENSITIVE);

  /**
   * Reads the first statement, and removes all of them.
   *
   * @param answer text of an answer
   * @param ifMissing the confidence assumed of an answer that states none, in [0, {@link #SCALE}];
   *     {@link #IF_MISSING} is published
   * @return the confidence; its text ends without white space, so append the end token again
   * @throws IllegalArgumentException if {@code ifMissing} is out of its range
   */
  public static Confidence parse(String answer, double ifMissing) {
    Require.within("ifMissing", ifMissing, 0, SCALE);
    Matcher statement = STATEMENT.matcher(answer);
    boolean isStated = statement.find();
    double stated = isStated ? Double.parseDouble(statement.group(1)) : ifMissing;
    String text = SENTENCE.matcher(answer).replaceAll("").stripTrailing();
    return new Confidence(Math.min(stated, SCALE) / SCALE, isStated, text);
  }
}

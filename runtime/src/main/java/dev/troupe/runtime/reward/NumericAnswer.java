package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * 1 if the final number of the completion equals the example's answer as a number, else 0.
 *
 * <p>The final number is what follows the last {@code "A: "} or {@code "#### "}, whichever comes
 * later, to the end of that line; text there that is not a number is a wrong answer. Without such a
 * marker it is the last number of the completion. Commas, a dollar sign in front and dots at the
 * end are ignored, and 18, 18.0 and 18.00 are the same.
 */
public final class NumericAnswer implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "numeric-answer";

  private static final List<String> MARKERS = List.of("A: ", "#### ");

  /** A minus behind a digit, letter or bracket is a subtraction, not a sign. */
  private static final Pattern NUMBER =
      Pattern.compile("(?:(?<![\\w)])[-+])?\\$?(?:\\d[\\d,]*+(?:\\.\\d++)?|\\.\\d++)");

  @Override
  public String name() {
    return KIND;
  }

  @Override
  public boolean isVerifiable() {
    return true;
  }

  /**
   * @throws IllegalStateException if the example has no answer, or one that is not a number
   */
  @Override
  public double score(Example example, String completion) {
    BigDecimal wanted =
        number(example.requireAnswer())
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "the answer \"%s\" of example %s is not a number"
                            .formatted(example.answer(), example.id())));
    return extract(completion).filter(found -> found.compareTo(wanted) == 0).isPresent() ? 1 : 0;
  }

  /** The final number of a text, if it has one. */
  static Optional<BigDecimal> extract(String text) {
    int behindMarker = -1;
    for (String marker : MARKERS) {
      int at = text.lastIndexOf(marker);
      behindMarker = at < 0 ? behindMarker : Math.max(behindMarker, at + marker.length());
    }
    if (behindMarker >= 0) {
      return number(text.substring(behindMarker).lines().findFirst().orElse(""));
    }
    String last = "";
    for (Matcher numbers = NUMBER.matcher(text); numbers.find(); ) {
      last = numbers.group();
    }
    return number(last);
  }

  /** The number that a text is as a whole. */
  private static Optional<BigDecimal> number(String text) {
    String trimmed = text.strip();
    while (trimmed.endsWith(".")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1).strip();
    }
    if (!NUMBER.matcher(trimmed).matches()) {
      return Optional.empty();
    }
    return Optional.of(new BigDecimal(trimmed.replaceAll("[,$]", "")));
  }
}

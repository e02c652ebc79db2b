package dev.troupe.algorithms.rlmt;

/**
 * Which part of a response a reward model sees (RLMT, stage 1). It keeps what follows a delimiter,
 * up to an end delimiter, without the space around it.
 *
 * <p>Make the delimiter follow the format that the policy was taught, and check on samples of the
 * warm start that nearly all parse: with another delimiter the lenient mode scores everything,
 * thoughts included, and the strict mode nothing.
 *
 * @param delimiter what the answer follows; null for the whole text
 * @param endDelimiter what ends the answer; null for the end of the text
 * @param isStrict whether a text without a delimiter has no answer; otherwise all of it is the
 *     answer, and the policy may skip thinking
 * @param occurrence which delimiter counts if there are several
 */
public record AnswerExtraction(
    String delimiter, String endDelimiter, boolean isStrict, Occurrence occurrence) {
  /** What is scored instead of an answer that is not there. */
  public static final String NO_ANSWER = "[NULL]";

  /** The delimiter of an answer in tags. */
  public static final String ANSWER_OPEN = "<response>";

  /** The end delimiter that belongs to {@link #ANSWER_OPEN}. */
  public static final String ANSWER_CLOSE = "</response>";

  /** Which of several delimiters counts. */
  public enum Occurrence {
    /** The first, as the authors train. */
    FIRST {
      @Override
      int find(String text, String delimiter) {
        return text.indexOf(delimiter);
      }
    },

    /** The last, as the authors evaluate. A thought that mentions the tag is scored differently. */
    LAST {
      @Override
      int find(String text, String delimiter) {
        return text.lastIndexOf(delimiter);
      }
    };

    abstract int find(String text, String delimiter);
  }

  /**
   * What was found.
   *
   * @param answer the text for the reward model; {@link #NO_ANSWER} if there is no answer
   * @param isParsed whether every delimiter was found. Log its rate: in lenient mode a text that
   *     did not parse is scored all the same
   */
  public record Extracted(String answer, boolean isParsed) {}

  /**
   * Checks the parts. The end delimiter of {@link #ANSWER_OPEN} defaults to {@link #ANSWER_CLOSE}.
   *
   * @throws IllegalArgumentException if a delimiter is empty, or the occurrence is missing
   */
  public AnswerExtraction {
    if (ANSWER_OPEN.equals(delimiter) && endDelimiter == null) {
      endDelimiter = ANSWER_CLOSE;
    }
    if ("".equals(delimiter) || "".equals(endDelimiter)) {
      throw new IllegalArgumentException(
          "delimiter is %s and endDelimiter is %s, expected text or none"
              .formatted(quoted(delimiter), quoted(endDelimiter)));
    }
    if (occurrence == null) {
      throw new IllegalArgumentException("occurrence is missing, expected FIRST or LAST");
    }
  }

  /**
   * Extracts the answer.
   *
   * @param text a decoded response, without the end-of-sequence token
   * @return the answer and whether the text parsed
   */
  public Extracted of(String text) {
    if (delimiter == null) {
      return new Extracted(text, true);
    }
    String answer = text;
    boolean isParsed = true;
    int start = occurrence.find(text, delimiter);
    if (start >= 0) {
      answer = text.substring(start + delimiter.length()).stripLeading();
    } else if (isStrict) {
      return new Extracted(NO_ANSWER, false);
    } else {
      isParsed = false;
    }
    if (endDelimiter != null) {
      int end = answer.indexOf(endDelimiter);
      if (end >= 0) {
        answer = answer.substring(0, end).stripTrailing();
      } else if (isStrict) {
        return new Extracted(NO_ANSWER, false);
      } else {
        isParsed = false;
      }
    }
    return new Extracted(answer, isParsed);
  }

  private static String quoted(String text) {
    return text == null ? "none" : "\"" + text + "\"";
  }
}

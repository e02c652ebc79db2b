package dev.troupe.algorithms.rlmt;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * The form of a response that thinks before it answers (RLMT, stages 0 and 0'). The published ones
 * are {@link #tagged}, which a base model is told to use, and {@link #thinkThenAnswer}, which a
 * warm start teaches.
 *
 * @param thinkOpen opens the thoughts
 * @param thinkClose closes them
 * @param answerOpen opens the answer; null if it follows the thoughts directly
 * @param answerClose closes the answer; null if it ends with the text
 */
public record ThinkFormat(
    String thinkOpen, String thinkClose, String answerOpen, String answerClose) {
  /**
   * Checks the tags and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each tag that is missing, empty, or contained in
   *     another
   */
  public ThinkFormat {
    List<String> problems = new ArrayList<>();
    requireTag(problems, "thinkOpen", thinkOpen, true);
    requireTag(problems, "thinkClose", thinkClose, true);
    requireTag(problems, "answerOpen", answerOpen, false);
    requireTag(problems, "answerClose", answerClose, false);
    if (answerOpen == null && answerClose != null) {
      problems.add("answerClose is given without answerOpen, expected both or neither");
    }
    List<String> tags = present(thinkOpen, thinkClose, answerOpen, answerClose);
    for (int i = 0; i < tags.size(); i++) {
      for (int j = 0; j < tags.size(); j++) {
        if (i != j && !tags.get(j).isEmpty() && tags.get(i).contains(tags.get(j))) {
          problems.add(
              "%s contains %s, expected tags that differ".formatted(tags.get(i), tags.get(j)));
        }
      }
    }
    Require.none("think format", problems);
  }

  /**
   * {@code <think> ... </think> <response> ... </response>}.
   *
   * @return the format
   */
  public static ThinkFormat tagged() {
    return new ThinkFormat(
        "<think>", "</think>", AnswerExtraction.ANSWER_OPEN, AnswerExtraction.ANSWER_CLOSE);
  }

  /**
   * {@code <think> ... </think> answer}.
   *
   * @return the format
   */
  public static ThinkFormat thinkThenAnswer() {
    return new ThinkFormat("<think>", "</think>", null, null);
  }

  /**
   * How to find the answer in this format: by its opening tag, or else by the end of the thoughts.
   *
   * @param isStrict as in {@link AnswerExtraction}
   * @return the extraction
   */
  public AnswerExtraction extraction(boolean isStrict) {
    return new AnswerExtraction(
        answerOpen == null ? thinkClose : answerOpen,
        answerClose,
        isStrict,
        AnswerExtraction.Occurrence.FIRST);
  }

  /**
   * What is wrong with a response, after the filters of the warm start: it must begin with its
   * thoughts, hold each tag once and in order, have an answer, and end with it.
   *
   * @param text a decoded response, without the end-of-sequence token; space around it is allowed
   * @return one clause for each mistake; empty for a well-formed response
   */
  public List<String> mistakes(String text) {
    List<String> mistakes = new ArrayList<>();
    List<String> tags = present(thinkOpen, thinkClose, answerOpen, answerClose);
    for (String tag : tags) {
      int count = count(text, tag);
      if (count != 1) {
        mistakes.add("%s occurs %d times, expected once".formatted(tag, count));
      }
    }
    if (!mistakes.isEmpty()) {
      return mistakes;
    }
    for (int i = 1; i < tags.size(); i++) {
      if (text.indexOf(tags.get(i)) < text.indexOf(tags.get(i - 1))) {
        mistakes.add("%s comes before %s".formatted(tags.get(i), tags.get(i - 1)));
      }
    }
    if (!mistakes.isEmpty()) {
      return mistakes;
    }
    if (!text.stripLeading().startsWith(thinkOpen)) {
      mistakes.add("text comes before " + thinkOpen);
    }
    if (answerOpen != null && !between(text, thinkClose, answerOpen).isBlank()) {
      mistakes.add("text comes between %s and %s".formatted(thinkClose, answerOpen));
    }
    if (answerClose != null && !text.stripTrailing().endsWith(answerClose)) {
      mistakes.add("text comes after " + answerClose);
    }
    if (extraction(true).of(text).answer().isBlank()) {
      mistakes.add("the answer is empty");
    }
    return mistakes;
  }

  /**
   * Whether a response has this form.
   *
   * @param text as in {@link #mistakes}
   * @return true if there is no mistake
   */
  public boolean isWellFormed(String text) {
    return mistakes(text).isEmpty();
  }

  private static String between(String text, String from, String to) {
    return text.substring(text.indexOf(from) + from.length(), text.indexOf(to));
  }

  private static int count(String text, String tag) {
    int count = 0;
    for (int at = text.indexOf(tag); at >= 0; at = text.indexOf(tag, at + tag.length())) {
      count++;
    }
    return count;
  }

  private static List<String> present(String... tags) {
    List<String> present = new ArrayList<>();
    for (String tag : tags) {
      if (tag != null) {
        present.add(tag);
      }
    }
    return present;
  }

  private static void requireTag(
      List<String> problems, String name, String tag, boolean isRequired) {
    if (tag == null ? isRequired : tag.isBlank()) {
      problems.add(name + " is " + (tag == null ? "missing" : "blank") + ", expected a tag");
    }
  }
}

package dev.troupe.runtime.reward.maths;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the final answer in a text, and writes it plainly. */
final class MathsText {
  private static final Pattern MARKED =
      Pattern.compile(
          "(?i)(?:####\\s*|\\ba:\\s+|\\banswer\\s*(?:is|:|=)\\s*:?\\s*|\\btherefore,?\\s+)");
  private static final Pattern DOLLARS = Pattern.compile("(?s)\\$\\$?([^$]+?)\\$\\$?");
  private static final Pattern NUMBER =
      Pattern.compile("(?:(?<![\\w)}])[-+])?\\$?(?:\\d[\\d,]*+(?:\\.\\d++)?|\\.\\d++)%?");

  /** A word that is no part of a formula. */
  private static final Pattern PROSE =
      Pattern.compile("(?<![\\\\A-Za-z])(?!sqrt|sin|cos|tan|arc|log|exp)[A-Za-z]{3,}");

  private static final Pattern TEXT =
      Pattern.compile("\\\\(?:text|textbf|textrm|mathrm|mathbf|mbox|operatorname)\\s*\\{([^{}]*)}");
  private static final Pattern SPACING =
      Pattern.compile(
          "\\\\(?:left|right|displaystyle|limits|,|!|;|:|>|quad|qquad)(?![A-Za-z])|~|\\\\ ");
  private static final Pattern THOUSANDS =
      Pattern.compile("(?<=\\d)(?:,|\\{,}|\\\\,|,\\\\!)(?=\\d{3}(?!\\d))");
  private static final String UNITS =
      "(?:cm|mm|km|m|kg|g|mg|lbs?|oz|ft|in|inch|inches|feet|miles?|hours?|hrs?|min|minutes?|s|sec|seconds?|mph|kph|degrees?|units?)";

  /** What stands behind a number: a sign, a known unit at once, or any words after a space. */
  private static final Pattern UNIT =
      Pattern.compile(
          "(?:\\s*(?:\\\\?%|\\^\\s*\\{?\\s*\\\\circ\\s*}?|°)"
              + "|(?<=\\d)"
              + UNITS
              + "(?:/[a-z]+)?(?:\\s*\\^\\s*\\{?\\d}?)?"
              + "|\\s+(?!(?:sin|cos|tan|log|ln|exp|sqrt|pi)\\b)[A-Za-z]{2,}(?:/[A-Za-z]+)?(?:\\s*\\^\\s*\\{?\\d}?)?(?:\\s+[A-Za-z]+)*"
              + ")$");

  private static final Pattern BETWEEN = Pattern.compile("\\s+(?:or|and)\\s+");
  private static final Pattern MONEY = Pattern.compile("^\\s*(-?)\\s*(?:\\\\?\\$|€|£|USD|EUR)\\s*");
  private static final Pattern NAMED =
      Pattern.compile("^\\s*\\\\?[A-Za-z]+(?:_\\{?\\w+}?)?(?:\\([A-Za-z]\\))?\\s*=\\s*([^=]+)$");

  private MathsText() {}

  /**
   * The final answer of a text: the last box; else what follows the last mark such as {@code ####}
   * or "the answer is"; else the last formula between dollar signs; else the last number; else all.
   */
  static String answer(String text) {
    Optional<String> box = boxed(text);
    if (box.isPresent()) {
      return box.get();
    }
    int marked = -1;
    for (Matcher mark = MARKED.matcher(text); mark.find(); ) {
      marked = mark.end();
    }
    if (marked >= 0 && marked < text.length()) {
      String rest = text.substring(marked).strip().lines().findFirst().orElse("");
      Matcher formula = DOLLARS.matcher(rest);
      return formula.lookingAt() ? formula.group(1) : sentence(rest);
    }
    String last = null;
    for (Matcher formula = DOLLARS.matcher(text); formula.find(); ) {
      last = formula.group(1);
    }
    if (last == null && PROSE.matcher(text).find()) {
      for (Matcher number = NUMBER.matcher(text); number.find(); ) {
        last = number.group();
      }
    }
    return last == null ? text.strip() : last;
  }

  /** Without what follows the end of a first sentence; a dot inside a number is no end. */
  private static String sentence(String text) {
    Matcher end = Pattern.compile("[.;](?:\\s|$)").matcher(text);
    return end.find() ? text.substring(0, end.start()) : text;
  }

  /** What stands in the last {@code \boxed{...}}; braces inside are balanced. */
  private static Optional<String> boxed(String text) {
    int at = Math.max(text.lastIndexOf("\\boxed"), text.lastIndexOf("\\fbox"));
    if (at < 0) {
      return Optional.empty();
    }
    int open = at;
    while (open < text.length() && text.charAt(open) != '{' && text.charAt(open) != ' ') {
      open++;
    }
    if (open == text.length()) {
      return Optional.empty();
    }
    if (text.charAt(open) == ' ') {
      return text.substring(open).strip().lines().findFirst().map(rest -> rest.split("[\\s$]")[0]);
    }
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
      if (depth == 0) {
        return Optional.of(text.substring(open + 1, i));
      }
    }
    return Optional.empty(); // cut in the middle
  }

  /**
   * An answer as plainly as can be, and whether it was a percentage.
   *
   * @param text without dollar signs, units, spacing and names of what is asked for
   * @param percent whether a percent sign was taken off
   */
  record Plain(String text, boolean percent) {}

  /** Writes an answer plainly. */
  static Plain plain(String answer) {
    String text = answer.strip();
    while (text.startsWith("$") && text.endsWith("$") && text.length() > 1) {
      text = text.substring(1, text.length() - 1).strip();
    }
    text = text.replace("\\(", "").replace("\\)", "").replace("\\[", "").replace("\\]", "");
    text = THOUSANDS.matcher(text).replaceAll("");
    text = SPACING.matcher(text).replaceAll("");
    text =
        text.replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac").replace("\\cfrac", "\\frac");
    text = text.replace('−', '-').replace('×', '*').replace('·', '*').replace('÷', '/');
    text = withoutText(text);
    text = BETWEEN.matcher(text).replaceAll(", ");
    text = MONEY.matcher(text).replaceFirst("$1");
    Matcher named = NAMED.matcher(text);
    if (named.matches()) {
      text = named.group(1);
    }
    text = text.strip();
    while (text.endsWith(".") || text.endsWith(",")) {
      text = text.substring(0, text.length() - 1).strip();
    }
    boolean percent = text.endsWith("%");
    Matcher unit = UNIT.matcher(text);
    if (unit.find() && unit.start() > 0 && text.substring(0, unit.start()).matches(".*[\\d})].*")) {
      text = text.substring(0, unit.start());
    }
    return new Plain(text.strip(), percent);
  }

  /** Words in formulas are units where something stands before them, and the answer where not. */
  private static String withoutText(String text) {
    String plain = text;
    for (Matcher word = TEXT.matcher(plain); word.find(); word = TEXT.matcher(plain)) {
      String before = plain.substring(0, word.start()).strip();
      boolean isUnit = before.matches(".*[\\d})]");
      String rest = plain.substring(word.end());
      plain =
          isUnit
              ? before + rest.replaceFirst("^\\s*\\^\\s*\\{?\\d}?", "")
              : plain.substring(0, word.start()) + word.group(1) + rest;
    }
    return plain;
  }

  /** The parts between commas that stand in no inner bracket. */
  static List<String> parts(String list) {
    var parts = new ArrayList<String>();
    int depth = 0;
    int begin = 0;
    for (int i = 0; i < list.length(); i++) {
      char c = list.charAt(i);
      depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
      if (c == ',' && depth == 0) {
        parts.add(list.substring(begin, i).strip());
        begin = i + 1;
      }
    }
    parts.add(list.substring(begin).strip());
    return parts;
  }
}

package dev.troupe.runtime.tokenizer;

/** Repair of Java strings that are not valid Unicode. */
final class WellFormed {
  private WellFormed() {}

  /**
   * The text with each surrogate that lacks its other half replaced by U+FFFD, because UTF-8 cannot
   * carry it; JSON data sets can hold such halves where a text was cut.
   */
  static String text(String text) {
    StringBuilder repaired = null;
    for (int i = 0; i < text.length(); i++) {
      if (!Character.isSurrogate(text.charAt(i))) {
        continue;
      }
      if (Character.charCount(text.codePointAt(i)) == 2) {
        i++;
        continue;
      }
      if (repaired == null) {
        repaired = new StringBuilder(text);
      }
      repaired.setCharAt(i, '\uFFFD');
    }
    return repaired == null ? text : repaired.toString();
  }
}

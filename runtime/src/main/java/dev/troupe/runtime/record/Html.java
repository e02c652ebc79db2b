package dev.troupe.runtime.record;

/** Text made safe for HTML. */
public final class Html {
  private Html() {}

  /**
   * Escapes text for element content and quoted attributes. Control characters that HTML forbids
   * become the replacement character, so that a model's output can never break the page.
   */
  public static String escape(String text) {
    var escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                case '\n', '\r', '\t' -> escaped.append((char) c);
                default -> escaped.appendCodePoint(isForbidden(c) ? 0xFFFD : c);
              }
            });
    return escaped.toString();
  }

  private static boolean isForbidden(int c) {
    return Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE;
  }
}

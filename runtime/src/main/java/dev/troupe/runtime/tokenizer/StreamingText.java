package dev.troupe.runtime.tokenizer;

/**
 * The text of a sequence that grows token by token, for stop strings and live output.
 *
 * <p>A character whose bytes are not complete is held back until the tokens that complete it
 * arrive, so text once shown never changes: the pieces returned by {@link #append} in order, and
 * what {@link #finish} adds, are exactly {@link Tokenizer#decodeContinuation} of all the tokens.
 * Used by one thread.
 *
 * <p>Bytes become characters by the UTF-8 decoder of the WHATWG Encoding Standard, section 8.1.1,
 * which is also that of the Hugging Face library: each longest broken beginning of a character is
 * one U+FFFD. {@link String}'s own decoder counts some of them differently.
 */
public final class StreamingText {
  private static final char REPLACEMENT = '\uFFFD';
  private static final int CONTINUATION_LOWEST = 0x80;
  private static final int CONTINUATION_HIGHEST = 0xBF;

  private final Tokenizer tokenizer;
  private final StringBuilder shown = new StringBuilder();

  /** The bits so far of the character that is being read, and how many bytes it still needs. */
  private int character;

  private int bytesNeeded;

  /** What the next byte may be; narrower after some first bytes. */
  private int lowest = CONTINUATION_LOWEST;

  private int highest = CONTINUATION_HIGHEST;

  /** Starts an empty text whose tokens are those of {@code tokenizer}. */
  public StreamingText(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * Adds one token and returns the text that became complete with it, often empty.
   *
   * @throws IllegalArgumentException if the id is negative
   */
  public String append(int token) {
    int before = shown.length();
    for (byte b : tokenizer.bytes(token)) {
      read(b & 0xFF);
    }
    return shown.substring(before);
  }

  /** A view of the complete text so far, without what is held back. */
  public CharSequence text() {
    return shown;
  }

  /**
   * Ends the text: a character that is still incomplete is shown as U+FFFD.
   *
   * @return the whole text
   */
  public String finish() {
    if (bytesNeeded > 0) {
      breakOff();
    }
    return shown.toString();
  }

  private void read(int b) {
    if (bytesNeeded > 0 && (b < lowest || b > highest)) {
      breakOff();
    }
    if (bytesNeeded == 0) {
      begin(b);
      return;
    }
    lowest = CONTINUATION_LOWEST;
    highest = CONTINUATION_HIGHEST;
    character = character << 6 | b & 0x3F;
    if (--bytesNeeded == 0) {
      shown.appendCodePoint(character);
    }
  }

  private void begin(int b) {
    if (b < 0x80) {
      shown.append((char) b);
    } else if (b >= 0xC2 && b <= 0xDF) {
      bytesNeeded = 1;
      character = b & 0x1F;
    } else if (b >= 0xE0 && b <= 0xEF) {
      bytesNeeded = 2;
      character = b & 0xF;
      lowest = b == 0xE0 ? 0xA0 : CONTINUATION_LOWEST; // nothing shorter could be written longer
      highest = b == 0xED ? 0x9F : CONTINUATION_HIGHEST; // no surrogates
    } else if (b >= 0xF0 && b <= 0xF4) {
      bytesNeeded = 3;
      character = b & 0x7;
      lowest = b == 0xF0 ? 0x90 : CONTINUATION_LOWEST;
      highest = b == 0xF4 ? 0x8F : CONTINUATION_HIGHEST; // nothing beyond U+10FFFF
    } else {
      shown.append(REPLACEMENT);
    }
  }

  private void breakOff() {
    shown.append(REPLACEMENT);
    bytesNeeded = 0;
    lowest = CONTINUATION_LOWEST;
    highest = CONTINUATION_HIGHEST;
  }
}

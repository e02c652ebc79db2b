package dev.troupe.actors.console;

import java.util.ArrayList;
import java.util.List;

/**
 * One line of text for a terminal, in pieces of different ink.
 *
 * <p>The width counts columns, not characters, and text from outside cannot smuggle in control
 * sequences: a line that wraps or moves the cursor would ruin the redrawing.
 */
final class StyledLine {
  /** How a piece is drawn when colours are allowed. */
  enum Ink {
    PLAIN(""),
    BOLD("1"),
    QUIET("2"),
    GOOD("32"),
    BAD("31"),
    WARNING("33"),
    CURVE("36");

    private final String code;

    Ink(String code) {
      this.code = code;
    }
  }

  private record Piece(String text, Ink ink) {}

  private final List<Piece> pieces = new ArrayList<>();

  StyledLine add(String text) {
    return add(text, Ink.PLAIN);
  }

  StyledLine add(String text, Ink ink) {
    pieces.add(new Piece(harmless(text), ink));
    return this;
  }

  /** Columns that the whole line takes. */
  int width() {
    return pieces.stream().mapToInt(piece -> width(piece.text())).sum();
  }

  /** The text with its colours, whole; the terminal may wrap it. */
  String encode(Style style) {
    return encode(Integer.MAX_VALUE, style);
  }

  /** The text with its colours, cut to the columns given; a cut ends in an ellipsis. */
  String encode(int columns, Style style) {
    String ellipsis = style.glyphs().ellipsis();
    boolean isCut = width() > columns;
    int left = isCut ? columns - ellipsis.length() : columns;
    var line = new StringBuilder();
    for (Piece piece : pieces) {
      String text = prefix(piece.text(), left);
      left -= width(text);
      if (!text.isEmpty()) {
        line.append(ink(text, piece.ink(), style));
      }
      if (text.length() < piece.text().length()) {
        break;
      }
    }
    return isCut ? line.append(ellipsis).toString() : line.toString();
  }

  private static String ink(String text, Ink ink, Style style) {
    return style.hasColour() && !ink.code.isEmpty()
        ? "\u001b[" + ink.code + "m" + text + "\u001b[0m"
        : text;
  }

  private static String harmless(String text) {
    return text.replaceAll("\\s", " ").replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "");
  }

  private static String prefix(String text, int columns) {
    int used = 0;
    int end = 0;
    while (end < text.length()) {
      int c = text.codePointAt(end);
      used += width(c);
      if (used > columns) {
        break;
      }
      end += Character.charCount(c);
    }
    return text.substring(0, end);
  }

  static int width(String text) {
    return text.codePoints().map(StyledLine::width).sum();
  }

  /** Columns of a character: 0 for marks that combine, 2 for the wide East Asian ones, else 1. */
  private static int width(int c) {
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    boolean isWide =
        c >= 0x1100 && c <= 0x115f
            || c >= 0x2e80 && c <= 0xa4cf
            || c >= 0xac00 && c <= 0xd7a3
            || c >= 0xf900 && c <= 0xfaff
            || c >= 0xfe30 && c <= 0xfe6f
            || c >= 0xff00 && c <= 0xff60
            || c >= 0xffe0 && c <= 0xffe6
            || c >= 0x1f300 && c <= 0x1faff
            || c >= 0x20000 && c <= 0x3fffd;
    return isWide ? 2 : 1;
  }
}

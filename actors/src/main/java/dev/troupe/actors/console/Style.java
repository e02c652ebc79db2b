package dev.troupe.actors.console;

/**
 * What the terminal can show.
 *
 * @param hasColour whether colour codes may be written
 * @param glyphs the signs to draw with
 */
record Style(boolean hasColour, Glyphs glyphs) {

  /**
   * The signs that are not letters.
   *
   * @param tick before something done
   * @param cross before something failed
   * @param arrow between a first and a last value
   * @param dot between parts of a line
   * @param ellipsis where a line was cut
   * @param barDone one column of the done part of a bar
   * @param barLeft one column of the rest
   * @param levels the columns of a curve, lowest first
   */
  record Glyphs(
      String tick,
      String cross,
      String arrow,
      String dot,
      String ellipsis,
      String barDone,
      String barLeft,
      String levels) {
    static final Glyphs UNICODE = new Glyphs("✓", "✗", "→", "·", "…", "━", "─", "▁▂▃▄▅▆▇█");
    static final Glyphs ASCII = new Glyphs("+", "x", "->", "-", "~", "#", "-", "_.-=+*#@");
  }
}

package dev.troupe.runtime.rollout;

import dev.troupe.runtime.record.Html;
import dev.troupe.runtime.record.ReadableNumbers;
import java.util.List;
import java.util.Locale;

/** Completions as HTML, each token marked by its advantage: more than by colour, by a line too. */
public final class RolloutPicture {
  private static final int LEVELS = 4;

  private RolloutPicture() {}

  /**
   * A part of a page whose style sheet has the classes {@code token}, {@code plus-1} to {@code
   * plus-4} and {@code minus-1} to {@code minus-4}.
   *
   * @param rows completions of one prompt, at least one
   */
  public static String html(List<RolloutRow> rows) {
    RolloutRow first = rows.get(0);
    double largest = 0;
    for (RolloutRow row : rows) {
      for (int t = 0; t < row.length(); t++) {
        largest = Math.max(largest, Math.abs(advantage(row, t)));
      }
    }
    var page = new StringBuilder();
    page.append(
        String.format(
            Locale.ROOT,
            "<p class=\"quiet\">%s, step %d, prompt <code>%s</code>. A solid line is an advantage above 0, a dotted one below; thicker is more, up to %s. ./troupe explain shows every number.</p>%n",
            Html.escape(first.place().stage()),
            first.place().step(),
            Html.escape(first.prompt().text()),
            ReadableNumbers.number(largest)));
    for (RolloutRow row : rows) {
      page.append(
          "<div class=\"completion\"><span class=\"reward\">%s</span><span class=\"text tokens\">"
              .formatted(
                  row.judged().reward() == null
                      ? "not scored"
                      : "reward " + ReadableNumbers.number(row.judged().reward())));
      for (int t = 0; t < row.length(); t++) {
        page.append(token(row, t, largest));
      }
      page.append("</span></div>\n");
    }
    return page.toString();
  }

  private static double advantage(RolloutRow row, int t) {
    return row.credit().advantages() == null ? 0 : row.credit().advantages()[t];
  }

  private static String token(RolloutRow row, int t, double largest) {
    double advantage = advantage(row, t);
    int level = largest == 0 ? 0 : (int) Math.ceil(LEVELS * Math.abs(advantage) / largest - 1e-9);
    String mark = level == 0 ? "" : (advantage > 0 ? " plus-" : " minus-") + level;
    String text = row.piece(t).isEmpty() ? "·" : row.piece(t);
    return "<span class=\"token%s\" title=\"advantage %s\">%s</span>"
        .formatted(mark, ReadableNumbers.number(advantage), Html.escape(text));
  }
}

package dev.troupe.actors.cli;

import dev.troupe.runtime.rollout.RolloutArchive;
import dev.troupe.runtime.rollout.RolloutRow;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The answer of {@code troupe explain} in words and tables. */
final class Explanation {
  private static final int TEXT_WIDTH = 48;
  private static final int PIECE_WIDTH = 14;

  private final PrintWriter out;

  Explanation(PrintWriter out) {
    this.out = out;
  }

  /**
   * @param rows at least one
   * @param isWhole whether each token is shown
   */
  void tell(
      String stage,
      long step,
      RolloutArchive.Size size,
      Path file,
      List<RolloutRow> rows,
      boolean isWhole) {
    line(
        "%s step %d: %,d completions of %,d prompts, %,d tokens (%s)",
        stage, step, size.rollouts(), size.tickets(), size.tokens(), file);
    RolloutRow first = rows.get(0);
    models(first.models());
    line("  template      %s", first.prompt().template());
    for (RolloutRow.Component reward : first.judged().components()) {
      line("  reward        %s x %s  %s", number(reward.weight()), reward.name(), reward.version());
    }
    String ticket = "";
    for (RolloutRow row : rows) {
      if (!row.place().ticket().equals(ticket)) {
        ticket = row.place().ticket();
        prompt(row);
      }
      completion(row);
      if (isWhole) {
        tokens(row);
      }
    }
    if (!isWhole) {
      out.println();
      if (rows.size() < size.rollouts()) {
        line(
            "%,d of %,d completions are shown; --rollouts N shows more.",
            rows.size(), size.rollouts());
      }
      line("--ticket %s shows every token, --json everything.", first.place().ticket());
    }
  }

  private void models(RolloutRow.Models models) {
    line(
        "  sampled by    version %d of start %d, weights %s",
        models.number(), models.epoch(), models.policy());
    model("reference", models.reference());
    model("shaped by", models.shaping());
    model("over", models.shapingBase());
    model("scored by", models.reward());
  }

  private void model(String role, String digest) {
    if (digest != null) {
      line("  %-13s weights %s", role, digest);
    }
  }

  private void prompt(RolloutRow row) {
    out.println();
    line(
        "%s  example %s  prompt %s%s",
        row.place().ticket(),
        row.prompt().example(),
        quoted(row.prompt().text(), Integer.MAX_VALUE),
        row.prompt().answer() == null
            ? ""
            : "  answer " + quoted(row.prompt().answer(), TEXT_WIDTH));
    line("   #   reward    worth     advantage  tokens  end           completion");
  }

  private void completion(RolloutRow row) {
    line(
        "  %2d  %-9s %-9s %-10s %6d  %-12s  %s",
        row.place().sample(),
        row.judged().reward() == null ? "failed" : number(row.judged().reward()),
        row.credit().worth() == null ? "-" : number(row.credit().worth()),
        advantage(row),
        row.length(),
        row.sampled().finish(),
        quoted(row.sampled().text(), TEXT_WIDTH));
    if (row.judged().failure() != null) {
      line("      %s", row.judged().failure());
    }
    if (row.credit().lesson() != null) {
      line("      %s", lesson(row.credit().lesson()));
    }
    if (Integer.valueOf(0).equals(row.credit().uses())) {
      line("      left out of the step");
    }
  }

  /** What a completion was to a method that has no advantages. */
  private static String lesson(RolloutRow.Lesson lesson) {
    String amount =
        lesson.quantity() == null
            ? ""
            : "; %s %s"
                .formatted(
                    lesson.quantity(),
                    Double.isNaN(lesson.amount()) ? "unknown" : number(lesson.amount()));
    String pull =
        lesson.pulls() == null ? "; no token has a gradient" : "; pull " + mean(lesson.pulls());
    return lesson.part() + amount + pull + (lesson.pulls() == null ? "" : " a token");
  }

  private static String advantage(RolloutRow row) {
    return mean(row.credit().advantages());
  }

  /** One number where all tokens have the same, their mean else. */
  private static String mean(float[] values) {
    if (values == null || values.length == 0) {
      return "-";
    }
    double sum = 0;
    boolean isSame = true;
    for (float value : values) {
      sum += value;
      isSame &= value == values[0];
    }
    return (isSame ? "" : "~") + number(sum / values.length);
  }

  private void tokens(RolloutRow row) {
    RolloutRow.Credit credit = row.credit();
    boolean isPulled = credit.advantages() == null && credit.lesson() != null;
    float[] taught = isPulled ? credit.lesson().pulls() : credit.advantages();
    line(
        "        %-5s %-8s %-14s %10s %10s %11s %10s %10s",
        "place",
        "id",
        "text",
        "logp",
        "policy -",
        "reference -",
        "reward",
        isPulled ? "pull" : "advantage");
    for (int t = 0; t < row.length(); t++) {
      float logp = row.sampled().logps()[t];
      line(
          "        %-5d %-8d %-14s %10s %10s %11s %10s %10s",
          t,
          row.sampled().tokens()[t],
          quoted(row.piece(t), PIECE_WIDTH),
          number(logp),
          difference(credit.policy(), t, logp),
          difference(credit.reference(), t, logp),
          at(credit.tokenRewards(), t),
          at(taught, t));
    }
  }

  private static String at(float[] values, int t) {
    return values == null ? "-" : number(values[t]);
  }

  /** How much likelier another model finds the token than the one that sampled it. */
  private static String difference(float[] logps, int t, float sampled) {
    return logps == null ? "-" : number(logps[t] - sampled);
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e6
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.4g", value);
  }

  private static String quoted(String text, int width) {
    String line = text.replace("\n", "\\n").replace("\t", "\\t");
    return "'" + (line.length() > width ? line.substring(0, width - 1) + "…" : line) + "'";
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}

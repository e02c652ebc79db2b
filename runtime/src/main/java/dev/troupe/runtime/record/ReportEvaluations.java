package dev.troupe.runtime.record;

import dev.troupe.runtime.record.RunSummary.Answer;
import dev.troupe.runtime.record.RunSummary.Comparison;
import dev.troupe.runtime.record.RunSummary.Sample;
import dev.troupe.runtime.statistics.Interval;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The part of the report that shows evaluations and what the model says. */
final class ReportEvaluations {
  /** Quarters of the whole, where the measure is a share. */
  private static final Ticks QUARTERS = new Ticks(List.of(0.0, 0.25, 0.5, 0.75, 1.0), 0.25);

  private static final Axis WHOLE = new Axis(0, 1);

  /** On a drawing that may be 5 rem wide. */
  private static final int TICKS_WANTED = 4;

  private ReportEvaluations() {}

  /** A table with a point and its interval drawn in each row, one table a task. */
  static String tables(RunSummary run) {
    var page = new StringBuilder();
    for (String task : run.tasks()) {
      List<Evaluation> evaluations = run.evaluationsOf(task);
      Quantity quantity = evaluations.get(0).measure().quantity();
      Axis axis = quantity.isShare() ? WHOLE : around(evaluations);
      Ticks ticks =
          quantity.isShare() ? QUARTERS : Ticks.between(axis.low(), axis.high(), TICKS_WANTED, 0);
      page.append("<h3>%s</h3>".formatted(Html.escape(task)));
      run.comparisonOf(task).ifPresent(comparison -> page.append(sentence(comparison)));
      page.append("<table class=\"evaluations\"><thead><tr><th>when</th><th></th>")
          .append("<th class=\"figure\">" + quantity.label() + "</th>")
          .append("<th class=\"figure interval\">95% interval</th>")
          .append("<th class=\"figure prompts\">prompts</th></tr></thead><tbody>");
      for (int i = 0; i < evaluations.size(); i++) {
        boolean isFirst = i == 0 && evaluations.size() > 1;
        page.append(row(evaluations.get(i), isFirst, axis, ticks));
      }
      page.append(scale(quantity, axis, ticks)).append("</tbody></table>\n");
    }
    run.advice().forEach(sentence -> page.append("<p>" + Html.escape(sentence) + "</p>\n"));
    return page.toString();
  }

  private static Axis around(List<Evaluation> evaluations) {
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    for (Evaluation evaluation : evaluations) {
      least = Math.min(least, evaluation.measure().interval95().low());
      greatest = Math.max(greatest, evaluation.measure().interval95().high());
    }
    return Axis.around(least, greatest);
  }

  private static String sentence(Comparison comparison) {
    Quantity quantity = comparison.quantity();
    Interval interval = comparison.difference().interval95();
    return "<p>%s on the same %s prompts (95%% interval %s to %s).</p>"
        .formatted(
            quantity.change(comparison.difference().mean()),
            ReadableNumbers.count(comparison.difference().pairs()),
            quantity.signed(interval.low()),
            quantity.signed(interval.high()));
  }

  private static String row(Evaluation evaluation, boolean isFirst, Axis axis, Ticks ticks) {
    Measure measure = evaluation.measure();
    String whisker =
        String.format(
            Locale.ROOT,
            "<line class=\"whisker\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"11\" y2=\"11\"/>"
                + "<circle class=\"point\" cx=\"%.2f%%\" cy=\"11\" r=\"5\"/>",
            100 * axis.position(measure.interval95().low()),
            100 * axis.position(measure.interval95().high()),
            100 * axis.position(measure.value()));
    return """
        <tr%s><td>%s</td><td class="range"><svg role="img" aria-label="%s">%s%s</svg></td>\
        <td class="figure">%s</td><td class="figure interval">%s</td>\
        <td class="figure prompts">%s</td></tr>
        """
        .formatted(
            isFirst ? " class=\"first\"" : "",
            Html.escape(evaluation.moment()),
            measure.valueText(),
            grid(axis, ticks),
            whisker,
            measure.valueText(),
            measure.intervalText(),
            ReadableNumbers.count(measure.prompts()));
  }

  private static String grid(Axis axis, Ticks ticks) {
    var lines = new StringBuilder();
    for (double tick : ticks.values()) {
      double x = 100 * axis.position(tick);
      lines.append(
          String.format(
              Locale.ROOT,
              "<line class=\"grid\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"22\"/>",
              x,
              x));
    }
    return lines.toString();
  }

  /** The labels below the drawings: every other one, for a telephone has no room for more. */
  private static String scale(Quantity quantity, Axis axis, Ticks ticks) {
    var labels = new StringBuilder();
    for (int i = 0; i < ticks.values().size(); i += 2) {
      double tick = ticks.values().get(i);
      String label = quantity.isShare() ? "%.0f%%".formatted(100 * tick) : ticks.label(tick);
      labels.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.2f%%\" y=\"10\">%s</text>",
              100 * axis.position(tick),
              label));
    }
    return "<tr class=\"scale\" aria-hidden=\"true\"><td></td><td class=\"range\"><svg>%s</svg></td></tr>"
        .formatted(labels);
  }

  /** A table of prompts with the completions before and after. */
  static String samples(List<Sample> samples) {
    var page =
        new StringBuilder(
            "<table class=\"samples\"><thead><tr><th>prompt</th><th>before</th><th>after</th></tr></thead><tbody>");
    for (Sample sample : samples) {
      page.append("<tr><td data-label=\"prompt\">").append(text(sample.prompt()));
      sample
          .expected()
          .ifPresent(
              answer -> page.append("<span class=\"reward\">expected</span>").append(text(answer)));
      page.append("</td><td data-label=\"before\">")
          .append(answer(sample.before()))
          .append("</td><td data-label=\"after\">")
          .append(answer(Optional.of(sample.after())))
          .append("</td></tr>\n");
    }
    return page.append("</tbody></table>\n").toString();
  }

  private static String answer(Optional<Answer> answer) {
    return answer
        .map(
            given ->
                "<span class=\"reward\">reward %s</span>%s"
                    .formatted(ReadableNumbers.number(given.reward()), text(given.completion())))
        .orElse("<span class=\"empty\">not sampled</span>");
  }

  private static String text(String text) {
    return text.isBlank()
        ? "<span class=\"empty\">(nothing)</span>"
        : "<span class=\"text\">" + Html.escape(text) + "</span>";
  }
}

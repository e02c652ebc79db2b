package dev.troupe.runtime.record;

import dev.troupe.runtime.record.RunSummary.Answer;
import dev.troupe.runtime.record.RunSummary.Comparison;
import dev.troupe.runtime.record.RunSummary.Sample;
import dev.troupe.runtime.statistics.Interval;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The part of the report that shows accuracies and what the model says. */
final class ReportEvaluations {
  private ReportEvaluations() {}

  /** A table with a point and its interval drawn in each row, one table a task. */
  static String accuracies(RunSummary run) {
    var page = new StringBuilder();
    for (String task : run.tasks()) {
      List<Evaluation> evaluations = run.evaluationsOf(task);
      page.append("<h3>%s</h3>".formatted(Html.escape(task)));
      run.comparisonOf(task).ifPresent(comparison -> page.append(sentence(comparison)));
      page.append("<table class=\"accuracies\"><thead><tr><th>when</th><th></th>")
          .append(
              "<th class=\"figure\">accuracy</th><th class=\"figure interval\">95% interval</th>")
          .append("<th class=\"figure prompts\">prompts</th></tr></thead><tbody>");
      for (int i = 0; i < evaluations.size(); i++) {
        page.append(row(evaluations.get(i), i == 0 && evaluations.size() > 1));
      }
      page.append(scale()).append("</tbody></table>\n");
    }
    return page.toString();
  }

  private static String sentence(Comparison comparison) {
    Interval interval = comparison.difference().interval95();
    return "<p>%s points on the same %s prompts (95%% interval %s to %s).</p>"
        .formatted(
            ReadableNumbers.points(comparison.difference().mean()),
            ReadableNumbers.count(comparison.difference().pairs()),
            ReadableNumbers.points(interval.low()),
            ReadableNumbers.points(interval.high()));
  }

  private static String row(Evaluation evaluation, boolean isFirst) {
    double share = evaluation.accuracy().value();
    Interval interval = evaluation.accuracy().wilson95();
    String whisker =
        String.format(
            Locale.ROOT,
            "<line class=\"whisker\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"11\" y2=\"11\"/>"
                + "<circle class=\"share\" cx=\"%.2f%%\" cy=\"11\" r=\"5\"/>",
            100 * interval.low(),
            100 * interval.high(),
            100 * share);
    return """
        <tr%s><td>%s</td><td class="range"><svg role="img" aria-label="%s">%s%s</svg></td>\
        <td class="figure">%s</td><td class="figure interval">%s to %s</td>\
        <td class="figure prompts">%s</td></tr>
        """
        .formatted(
            isFirst ? " class=\"first\"" : "",
            Html.escape(evaluation.moment()),
            ReadableNumbers.percent(share),
            grid(22),
            whisker,
            ReadableNumbers.percent(share),
            ReadableNumbers.percent(interval.low()),
            ReadableNumbers.percent(interval.high()),
            ReadableNumbers.count(evaluation.accuracy().trials()));
  }

  private static String grid(int height) {
    var lines = new StringBuilder();
    for (int percent = 0; percent <= 100; percent += 25) {
      lines.append(
          "<line class=\"grid\" x1=\"%d%%\" x2=\"%d%%\" y1=\"0\" y2=\"%d\"/>"
              .formatted(percent, percent, height));
    }
    return lines.toString();
  }

  private static String scale() {
    var labels = new StringBuilder();
    for (int percent = 0; percent <= 100; percent += 50) {
      labels.append("<text x=\"%d%%\" y=\"10\">%d%%</text>".formatted(percent, percent));
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

package dev.troupe.runtime.record;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/** The part of the report that draws what each stage recorded, step by step. */
final class ReportCurves {
  private static final List<Metric> PROMINENT =
      List.of(
          Metric.REWARD_MEAN,
          Metric.KL_REFERENCE,
          Metric.LENGTH_MEAN,
          Metric.LOSS,
          Metric.PREFERENCE_ACCURACY,
          Metric.EVAL_ACCURACY);

  private ReportCurves() {}

  static String html(StageRecord stage) {
    Set<Metric> metrics = recorded(stage);
    Set<Metric> prominent = new LinkedHashSet<>(List.of(stage.keyMetric()));
    prominent.addAll(PROMINENT);
    prominent.retainAll(metrics);
    metrics.removeAll(prominent);
    var page = new StringBuilder();
    page.append(
        "<h3>%s <small>%s</small></h3>"
            .formatted(
                Html.escape(stage.name()),
                stage.algorithm().equals(stage.name()) ? "" : Html.escape(stage.algorithm())));
    if (prominent.isEmpty() && metrics.isEmpty()) {
      return page.append("<p class=\"quiet\">No steps yet.</p>").toString();
    }
    page.append(curves(stage, prominent));
    if (!metrics.isEmpty()) {
      page.append("<details><summary>%d more</summary>".formatted(metrics.size()))
          .append(curves(stage, metrics))
          .append("</details>");
    }
    return page.toString();
  }

  /** Every metric the stage recorded: known ones in their order, then the others by name. */
  static Set<Metric> recorded(StageRecord stage) {
    Set<String> names = new LinkedHashSet<>();
    stage.steps().forEach(step -> names.addAll(step.values().keySet()));
    Set<Metric> metrics = new LinkedHashSet<>(Metric.known());
    metrics.removeIf(metric -> !names.contains(metric.name()));
    names.stream().sorted().map(Metric::named).forEach(metrics::add);
    return metrics;
  }

  private static String curves(StageRecord stage, Set<Metric> metrics) {
    var page = new StringBuilder("<div class=\"curves\">");
    for (Metric metric : metrics) {
      page.append(figure(stage, metric));
    }
    return page.append("</div>\n").toString();
  }

  private static String figure(StageRecord stage, Metric metric) {
    Curve curve = Curve.of(stage.steps(), metric);
    long totalSteps = stage.steps().get(stage.steps().size() - 1).totalSteps();
    String drawing =
        curve.hasFinite()
            ? LineChart.svg(metric, curve, totalSteps)
            : "<p class=\"empty\">Every recorded value is NaN or infinite.</p>";
    return "<figure><figcaption>%s<span>%s</span></figcaption>%s</figure>\n"
        .formatted(Html.escape(heading(metric)), change(stage, metric), drawing);
  }

  private static String heading(Metric metric) {
    return metric.unit().isEmpty() ? metric.label() : metric.label() + " (" + metric.unit() + ")";
  }

  /** The mean of the first tenth and of the last tenth of the steps; of one step its value. */
  static String change(StageRecord stage, Metric metric) {
    OptionalDouble first = stage.first(metric);
    OptionalDouble last = stage.last(metric);
    if (first.isEmpty() || last.isEmpty()) {
      return "–";
    }
    String end = ReadableNumbers.number(last.getAsDouble());
    return stage.hasOneStep() ? end : ReadableNumbers.number(first.getAsDouble()) + " → " + end;
  }
}

package dev.troupe.runtime.record;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The part of the report that shows who worked when in the last steps of a stage. */
final class ReportTimeline {
  private static final int STEPS = 20;
  private static final int WIDTH = 900;
  private static final int LEFT = 74;
  private static final int ROW = 28;
  private static final int BAR = 16;

  private static final List<Map.Entry<String, Metric>> LANES =
      List.of(
          Map.entry("generate", Metric.TIME_GENERATE),
          Map.entry("score", Metric.TIME_SCORE),
          Map.entry("reference", Metric.TIME_REFERENCE),
          Map.entry("train", Metric.TIME_TRAIN));

  private ReportTimeline() {}

  /** A picture of the last stage that recorded its times; empty if none did. */
  static String picture(List<StageRecord> stages) {
    for (int i = stages.size() - 1; i >= 0; i--) {
      StageRecord stage = stages.get(i);
      List<StepMetrics> steps = stage.steps();
      List<StepMetrics> last = steps.subList(Math.max(0, steps.size() - STEPS), steps.size());
      if (last.stream().anyMatch(step -> at(step, Metric.TIME_GENERATE) > 0)) {
        return draw(stage.name(), last);
      }
    }
    return "";
  }

  private static double at(StepMetrics step, Metric metric) {
    return Math.max(0, step.value(metric).orElse(0));
  }

  private static double wall(StepMetrics step) {
    double parts = LANES.stream().mapToDouble(lane -> at(step, lane.getValue())).sum();
    double wall = step.value("time/step-seconds").orElse(0);
    return wall > 0 ? wall : parts;
  }

  private static String draw(String stage, List<StepMetrics> steps) {
    double total = steps.stream().mapToDouble(ReportTimeline::wall).sum();
    double scale = (WIDTH - LEFT - 8) / (total > 0 ? total : 1);
    int floor = LANES.size() * ROW + 4;
    var svg = new StringBuilder();
    svg.append(
        "<p class=\"quiet\">The last %d steps of %s, %s in all. Where a bar begins within its step is not recorded.</p>\n"
            .formatted(steps.size(), Html.escape(stage), ReadableNumbers.duration(total)));
    svg.append(
        "<div class=\"scroll\"><svg class=\"timeline\" role=\"img\" aria-label=\"who worked when\" viewBox=\"0 0 %d %d\">"
            .formatted(WIDTH, floor + 22));
    for (int lane = 0; lane < LANES.size(); lane++) {
      svg.append(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
              .formatted(LEFT - 8, lane * ROW + 14, LANES.get(lane).getKey()));
    }
    double x = LEFT;
    for (StepMetrics step : steps) {
      double width = wall(step) * scale;
      double from = x;
      for (int lane = 0; lane < LANES.size(); lane++) {
        double length = Math.min(at(step, LANES.get(lane).getValue()) * scale, width);
        if (length <= 0) {
          continue;
        }
        boolean isLast = lane == LANES.size() - 1;
        double start = isLast ? x + width - length : Math.min(from, x + width - length);
        from = start + length;
        svg.append(
            String.format(
                Locale.ROOT,
                "<rect class=\"lane-%d\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>step %d, %s: %s</title></rect>",
                lane,
                start,
                lane * ROW + 2,
                Math.max(0.8, length - 0.4),
                BAR,
                step.step(),
                LANES.get(lane).getKey(),
                ReadableNumbers.duration(at(step, LANES.get(lane).getValue()))));
      }
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
              x,
              x,
              floor,
              floor + 4));
      if (step == steps.get(0) || step == steps.get(steps.size() - 1)) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%d\">%d</text>",
                x + 2,
                floor + 16,
                step.step()));
      }
      x += width;
    }
    return svg.append("</svg></div>\n").toString();
  }
}

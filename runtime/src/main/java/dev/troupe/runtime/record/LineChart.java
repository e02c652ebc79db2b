package dev.troupe.runtime.record;

import java.util.Locale;

/** An SVG line chart of one metric over the steps of a stage: thin raw line, bold smoothed line. */
final class LineChart {
  private static final double WIDTH = 440;
  private static final double HEIGHT = 210;
  private static final double LEFT = 52;
  private static final double RIGHT = 12;
  private static final double TOP = 10;
  private static final double BOTTOM = 38;
  private static final int BINS = 250;
  private static final int MARKED_POINTS = 60;

  /** Fewer points than this are drawn as they are: an average would only hide them. */
  private static final int SMOOTHED_FROM = 12;

  private static final int REACHES_PER_CURVE = 40;

  private final Metric metric;
  private final Curve curve;
  private final StringBuilder svg = new StringBuilder();
  private final double firstStep;
  private final double lastStep;
  private final Axis range;

  private LineChart(Metric metric, Curve curve, long totalSteps) {
    this.metric = metric;
    this.curve = curve;
    firstStep = Math.min(1, curve.points().get(0).step());
    lastStep = Math.max(firstStep + 1, totalSteps);
    double[] values =
        curve.points().stream()
            .filter(Curve.Point::isFinite)
            .mapToDouble(Curve.Point::value)
            .sorted()
            .toArray();
    range = Axis.around(values[0], values[values.length - 1]);
  }

  /**
   * Draws the chart.
   *
   * @param curve at least one finite value
   * @param totalSteps where the step axis ends, so that an unfinished stage shows what is missing
   */
  static String svg(Metric metric, Curve curve, long totalSteps) {
    return new LineChart(metric, curve, totalSteps).draw();
  }

  private String draw() {
    svg.append(
        format(
            "<svg class=\"curve\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">",
            WIDTH, HEIGHT, Html.escape(description())));
    axes();
    int count = curve.points().size();
    if (count >= SMOOTHED_FROM) {
      path("raw", curve.thinned(BINS));
      path("smooth", curve.smoothed(Math.max(1, count / REACHES_PER_CURVE)).thinned(BINS));
    } else {
      path("smooth", curve);
    }
    if (count <= MARKED_POINTS) {
      marks();
    }
    return svg.append("</svg>").toString();
  }

  private String description() {
    Curve.Point first = curve.points().get(0);
    Curve.Point last = curve.points().get(curve.points().size() - 1);
    return "%s over steps: %s at step %.0f, %s at step %.0f"
        .formatted(
            metric.label(),
            ReadableNumbers.number(first.value()),
            first.step(),
            ReadableNumbers.number(last.value()),
            last.step());
  }

  private void axes() {
    Ticks values = Ticks.between(range.low(), range.high(), 4, 0);
    for (double tick : values.values()) {
      double y = y(tick);
      line("grid", LEFT, y, WIDTH - RIGHT, y);
      text("end", LEFT - 6, y + 4, values.label(tick));
    }
    double floor = HEIGHT - BOTTOM;
    line("axis", LEFT, floor, WIDTH - RIGHT, floor);
    Ticks steps = Ticks.between(firstStep, lastStep, 5, 1);
    for (double tick : steps.values()) {
      line("axis", x(tick), floor, x(tick), floor + 4);
      text("middle", x(tick), floor + 17, steps.label(tick));
    }
    text("end", WIDTH - RIGHT, HEIGHT - 4, "step");
  }

  private void path(String style, Curve line) {
    var commands = new StringBuilder();
    boolean penDown = false;
    for (Curve.Point point : line.points()) {
      if (point.isFinite()) {
        commands.append(
            format("%s%.1f %.1f", penDown ? "L" : "M", x(point.step()), y(point.value())));
      }
      penDown = point.isFinite();
    }
    svg.append(format("<path class=\"%s\" d=\"%s\"/>", style, commands));
  }

  private void marks() {
    for (Curve.Point point : curve.points()) {
      if (point.isFinite()) {
        svg.append(
            format(
                "<circle class=\"mark\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"><title>step %.0f: %s</title></circle>",
                x(point.step()),
                y(point.value()),
                point.step(),
                ReadableNumbers.number(point.value())));
      }
    }
  }

  private void line(String style, double x1, double y1, double x2, double y2) {
    svg.append(
        format(
            "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
            style, x1, y1, x2, y2));
  }

  private void text(String anchor, double x, double y, String label) {
    svg.append(
        format(
            "<text text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>",
            anchor, x, y, Html.escape(label)));
  }

  private double x(double step) {
    return LEFT + (step - firstStep) / (lastStep - firstStep) * (WIDTH - LEFT - RIGHT);
  }

  private double y(double value) {
    return TOP + (1 - range.position(value)) * (HEIGHT - TOP - BOTTOM);
  }

  private static String format(String pattern, Object... arguments) {
    return String.format(Locale.ROOT, pattern, arguments);
  }
}

package dev.troupe.runtime.record;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The values of one metric over the steps that recorded it.
 *
 * @param points in the order of the steps; a value may be NaN or infinite
 */
record Curve(List<Point> points) {
  /**
   * @param step the step, fractional where several were summarised
   * @param value the value there
   */
  record Point(double step, double value) {
    boolean isFinite() {
      return Double.isFinite(value);
    }
  }

  static Curve of(List<StepMetrics> steps, Metric metric) {
    List<Point> points = new ArrayList<>();
    for (StepMetrics step : steps) {
      OptionalDouble value = step.value(metric);
      if (value.isPresent()) {
        points.add(new Point(step.step(), value.getAsDouble()));
      }
    }
    return new Curve(List.copyOf(points));
  }

  boolean hasFinite() {
    return points.stream().anyMatch(Point::isFinite);
  }

  /**
   * Averages each value with its neighbours on both sides, with weights that fall by e every {@code
   * reach} points. Looking both ways keeps the line from lagging behind the data. Values that are
   * not finite leave a gap and do not count.
   */
  Curve smoothed(double reach) {
    double decay = Math.exp(-1 / reach);
    int count = points.size();
    double[] sums = new double[count];
    double[] weights = new double[count];
    accumulate(0, 1, decay, sums, weights);
    accumulate(count - 1, -1, decay, sums, weights);
    List<Point> smooth = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Point point = points.get(i);
      // Both passes counted the value itself, so one is taken back.
      smooth.add(
          point.isFinite()
              ? new Point(point.step(), (sums[i] - point.value()) / (weights[i] - 1))
              : point);
    }
    return new Curve(List.copyOf(smooth));
  }

  private void accumulate(int from, int stride, double decay, double[] sums, double[] weights) {
    double sum = 0;
    double weight = 0;
    for (int i = from; i >= 0 && i < points.size(); i += stride) {
      boolean counts = points.get(i).isFinite();
      sum = sum * decay + (counts ? points.get(i).value() : 0);
      weight = weight * decay + (counts ? 1 : 0);
      sums[i] += sum;
      weights[i] += weight;
    }
  }

  /** At most about twice {@code bins} points that keep the least and the greatest of each bin. */
  Curve thinned(int bins) {
    if (points.size() <= 2 * bins) {
      return this;
    }
    List<Point> kept = new ArrayList<>();
    for (int bin = 0; bin < bins; bin++) {
      int from = (int) ((long) points.size() * bin / bins);
      int to = (int) ((long) points.size() * (bin + 1) / bins);
      keepExtremes(points.subList(from, to), kept);
    }
    return new Curve(List.copyOf(kept));
  }

  private static void keepExtremes(List<Point> bin, List<Point> kept) {
    Point least = bin.get(0);
    Point greatest = bin.get(0);
    for (Point point : bin) {
      if (!point.isFinite()) {
        kept.add(point); // A gap must stay visible.
        return;
      }
      least = point.value() < least.value() ? point : least;
      greatest = point.value() > greatest.value() ? point : greatest;
    }
    boolean leastFirst = least.step() <= greatest.step();
    kept.add(leastFirst ? least : greatest);
    if (least != greatest) {
      kept.add(leastFirst ? greatest : least);
    }
  }
}

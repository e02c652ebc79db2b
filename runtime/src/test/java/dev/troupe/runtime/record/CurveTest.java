package dev.troupe.runtime.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.record.Curve.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CurveTest {
  private static final double EXACT = 1e-12;

  private static Curve curve(double... values) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      points.add(new Point(i + 1, values[i]));
    }
    return new Curve(points);
  }

  private static double[] values(Curve curve) {
    return curve.points().stream().mapToDouble(Point::value).toArray();
  }

  @Test
  void takesOnlyTheStepsThatRecordedTheMetric() {
    var with = new StepMetrics("s", 2, 3, 0, Map.of("loss", 0.5));
    var without = new StepMetrics("s", 1, 3, 0, Map.of());
    assertEquals(
        new Curve(List.of(new Point(2, 0.5))), Curve.of(List.of(without, with), Metric.LOSS));
  }

  @Test
  void smoothsWithWeightsThatFallOnBothSides() {
    // With decay e^(-1 / reach) = 1/2 the weights around the middle are 1/2, 1, 1/2:
    // (0/2 + 4 + 2/2) / 2 = 2.5; at the left end 1, 1/2, 1/4: (0 + 4/2 + 2/4) / 1.75 = 10/7;
    // at the right end (0/4 + 4/2 + 2) / 1.75 = 16/7.
    double[] smooth = values(curve(0, 4, 2).smoothed(1 / Math.log(2)));
    assertEquals(10.0 / 7, smooth[0], EXACT);
    assertEquals(2.5, smooth[1], EXACT);
    assertEquals(16.0 / 7, smooth[2], EXACT);
  }

  @Test
  void aConstantStaysWhatItIsAndGapsStayGaps() {
    double[] smooth = values(curve(3, 3, Double.NaN, 3, Double.POSITIVE_INFINITY, 3).smoothed(2));
    assertEquals(3, smooth[0], EXACT);
    assertEquals(3, smooth[3], EXACT);
    assertEquals(3, smooth[5], EXACT);
    assertTrue(Double.isNaN(smooth[2]) && Double.isInfinite(smooth[4]));
  }

  @Test
  void thinningKeepsTheSpikesAndTheOrder() {
    double[] values = new double[10_000];
    values[1234] = 9;
    values[7777] = -9;
    Curve thin = curve(values).thinned(100);
    assertTrue(thin.points().size() <= 200);
    assertTrue(thin.points().contains(new Point(1235, 9)));
    assertTrue(thin.points().contains(new Point(7778, -9)));
    double[] steps = thin.points().stream().mapToDouble(Point::step).toArray();
    for (int i = 1; i < steps.length; i++) {
      assertTrue(steps[i - 1] < steps[i]);
    }
  }

  @Test
  void thinningKeepsAGapVisible() {
    double[] values = new double[1000];
    values[500] = Double.NaN;
    Curve thin = curve(values).thinned(100);
    assertEquals(1, thin.points().stream().filter(point -> !point.isFinite()).count());
  }

  @Test
  void leavesAShortCurveAlone() {
    Curve curve = curve(1, 2, 3);
    assertEquals(curve, curve.thinned(2));
  }
}

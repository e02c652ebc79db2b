package dev.troupe.runtime.alarm;

import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.StepMetrics;
import java.util.Collection;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/** Some neighbouring steps of one stage. */
final class Window {
  private final Collection<StepMetrics> steps;

  Window(Collection<StepMetrics> steps) {
    this.steps = steps;
  }

  /** The mean of the finite values, or empty when there is none. */
  OptionalDouble mean(String metric) {
    return values(metric).filter(Double::isFinite).average();
  }

  OptionalDouble mean(Metric metric) {
    return mean(metric.name());
  }

  double sum(Metric metric) {
    return values(metric.name()).filter(Double::isFinite).sum();
  }

  private DoubleStream values(String metric) {
    return steps.stream().map(step -> step.value(metric)).flatMapToDouble(OptionalDouble::stream);
  }
}

package dev.troupe.actors.console;

import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.ReadableNumbers;
import dev.troupe.runtime.record.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** The numbers of a step that people watch besides the key metric, most telling first. */
final class Measures {
  private Measures() {}

  static List<String> of(StepMetrics step, Metric keyMetric) {
    List<String> parts = new ArrayList<>();
    step.value(Metric.REWARD_FAILED).stream()
        .filter(failed -> failed > 0)
        .forEach(failed -> parts.add(ReadableNumbers.count((long) failed) + " failed"));
    value(parts, "KL", "", step, Metric.KL_REFERENCE);
    value(parts, "length", " tokens", step, Metric.LENGTH_MEAN);
    if (!keyMetric.equals(Metric.PREFERENCE_ACCURACY)) {
      value(parts, "accuracy", "", step, Metric.PREFERENCE_ACCURACY);
    }
    value(parts, "margin", "", step, Metric.PREFERENCE_MARGIN);
    rate(parts, "generates", step, Metric.TOKENS_GENERATED, Metric.TIME_GENERATE);
    rate(parts, "reference reads", step, Metric.TOKENS_GENERATED, Metric.TIME_REFERENCE);
    rate(parts, "trains", step, Metric.TOKENS_TRAINED, Metric.TIME_TRAIN);
    if (!keyMetric.equals(Metric.LOSS)) {
      value(parts, "loss", "", step, Metric.LOSS);
    }
    value(parts, "gradient", "", step, Metric.GRADIENT_NORM);
    return parts;
  }

  private static void value(
      List<String> parts, String label, String unit, StepMetrics step, Metric metric) {
    step.value(metric)
        .ifPresent(value -> parts.add(label + " " + ReadableNumbers.number(value) + unit));
  }

  private static void rate(
      List<String> parts, String verb, StepMetrics step, Metric tokens, Metric seconds) {
    OptionalDouble count = step.value(tokens);
    OptionalDouble time = step.value(seconds);
    if (count.isPresent() && time.isPresent() && time.getAsDouble() > 0) {
      double rate = count.getAsDouble() / time.getAsDouble();
      parts.add(verb + " " + ReadableNumbers.number(rate) + " tokens/s");
    }
  }
}

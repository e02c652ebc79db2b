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
    for (Watched watched : Watched.values()) {
      OptionalDouble value = step.value(watched.metric);
      if (value.isPresent() && !watched.metric.equals(keyMetric)) {
        parts.add(watched.label + " " + ReadableNumbers.number(value.getAsDouble()) + watched.unit);
      }
    }
    rate(parts, "generates", step, Metric.TOKENS_GENERATED, Metric.TIME_GENERATE);
    rate(parts, "trains", step, Metric.TOKENS_TRAINED, Metric.TIME_TRAIN);
    return parts;
  }

  private enum Watched {
    KL(Metric.KL_REFERENCE, "KL", ""),
    LENGTH(Metric.LENGTH_MEAN, "length", " tokens"),
    ACCURACY(Metric.PREFERENCE_ACCURACY, "accuracy", ""),
    MARGIN(Metric.PREFERENCE_MARGIN, "margin", ""),
    LOSS(Metric.LOSS, "loss", ""),
    GRADIENT(Metric.GRADIENT_NORM, "gradient", "");

    private final Metric metric;
    private final String label;
    private final String unit;

    Watched(Metric metric, String label, String unit) {
      this.metric = metric;
      this.label = label;
      this.unit = unit;
    }
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

package dev.troupe.actors.page;

import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.StepMetrics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The newest step of each stage in the text format that Prometheus scrapes (version 0.0.4): a gauge
 * a metric, {@code troupe_reward_mean{run="quickstart",stage="grpo"} 0.85}.
 */
final class Exposition {
  private static final Pattern NO_NAME = Pattern.compile("[^a-zA-Z0-9_]");

  private final String run;
  private final Map<String, StringBuilder> families = new TreeMap<>();

  private Exposition(String run) {
    this.run = run;
  }

  static String of(RunWatch watch) {
    return of(watch.name(), watch.history().newest());
  }

  static String of(String run, List<StepMetrics> newest) {
    var exposition = new Exposition(run);
    for (StepMetrics step : newest) {
      exposition.add(step.stage(), "step", "steps of the stage that are done", step.step());
      exposition.add(
          step.stage(), "stage_elapsed_seconds", "time spent in the stage", step.elapsedSeconds());
      step.values()
          .forEach(
              (name, value) ->
                  exposition.add(step.stage(), name, Metric.named(name).meaning(), value));
    }
    return String.join("", exposition.families.values());
  }

  private void add(String stage, String metric, String meaning, double value) {
    String name = "troupe_" + NO_NAME.matcher(metric).replaceAll("_");
    families
        .computeIfAbsent(name, it -> heading(it, meaning.isEmpty() ? metric : meaning))
        .append(
            "%s{run=\"%s\",stage=\"%s\"} %s%n"
                .formatted(name, escape(run), escape(stage), number(value))
                .replace(System.lineSeparator(), "\n"));
  }

  private static StringBuilder heading(String name, String help) {
    return new StringBuilder("# HELP ")
        .append(name)
        .append(' ')
        .append(help)
        .append("\n# TYPE ")
        .append(name)
        .append(" gauge\n");
  }

  private static String escape(String label) {
    return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  private static String number(double value) {
    return Double.isInfinite(value) ? (value > 0 ? "+Inf" : "-Inf") : Double.toString(value);
  }
}

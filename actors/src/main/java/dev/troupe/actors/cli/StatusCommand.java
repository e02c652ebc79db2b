package dev.troupe.actors.cli;

import dev.troupe.actors.run.RunStatus;
import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Measure;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.record.ReadableNumbers;
import dev.troupe.runtime.record.RunSummary.Comparison;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.statistics.PairedDifference;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {"Tells from its directory how far a run is and what it found.", ""},
    footerHeading = "%nExample:%n",
    footer = "  troupe status runs/quickstart")
final class StatusCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The directory of a run.")
  private Path directory;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    RunStatus status = RunStatus.of(directory);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s: %s%n", status.name(), status.isAlive() ? "a process is at it" : "no process is at it");
    for (RunStatus.Stage stage : status.stages()) {
      String state = stage.last().map(StatusCommand::progress).orElse("not begun");
      out.printf("  %-16s %-5s %s%n", stage.name(), stage.kind(), state);
    }
    for (Evaluation evaluation : status.evaluations()) {
      Measure measure = evaluation.measure();
      out.printf(
          "  %s %s %s: %s (95%% interval %s, %s prompts)%n",
          evaluation.task(),
          measure.quantity().label(),
          evaluation.moment(),
          measure.valueText(),
          measure.intervalText(),
          ReadableNumbers.count(measure.prompts()));
    }
    status.comparison().ifPresent(comparison -> out.println(change(comparison)));
    out.flush();
    return 0;
  }

  private static String change(Comparison comparison) {
    Quantity quantity = comparison.quantity();
    PairedDifference difference = comparison.difference();
    return "  change on the same %s prompts: %s (95%% interval %s to %s)"
        .formatted(
            ReadableNumbers.count(difference.pairs()),
            quantity.change(difference.mean()),
            quantity.signed(difference.interval95().low()),
            quantity.signed(difference.interval95().high()));
  }

  private static String progress(StepMetrics last) {
    var text = new StringBuilder();
    text.append(last.step() == last.totalSteps() ? "done" : "at");
    text.append(" %d/%d".formatted(last.step(), last.totalSteps()));
    add(text, last, Metric.LOSS);
    add(text, last, Metric.REWARD_MEAN);
    add(text, last, Metric.PREFERENCE_ACCURACY);
    return text.toString();
  }

  private static void add(StringBuilder text, StepMetrics step, Metric metric) {
    step.value(metric)
        .ifPresent(
            value -> text.append(String.format(Locale.ROOT, ", %s %.4g", metric.label(), value)));
  }
}

package dev.troupe.actors.console;

import dev.troupe.actors.console.StyledLine.Ink;
import dev.troupe.actors.event.RunEvent.RunFailed;
import dev.troupe.actors.event.RunEvent.RunStarted;
import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.ReadableNumbers;
import dev.troupe.runtime.record.RunSummary;
import dev.troupe.runtime.record.RunSummary.RunFile;
import dev.troupe.runtime.record.StageRecord;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.statistics.Interval;
import dev.troupe.runtime.statistics.PairedDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** The lines that are written once and stay: beginnings, ends, evaluations, warnings. */
final class Sentences {
  private final Style style;

  Sentences(Style style) {
    this.style = style;
  }

  StyledLine started(RunStarted run) {
    String dot = " " + style.glyphs().dot() + " ";
    String threads = run.threads() + (run.threads() == 1 ? " thread" : " threads");
    return new StyledLine()
        .add("troupe " + (run.isResumed() ? "resumes " : "runs "), Ink.QUIET)
        .add(run.run(), Ink.BOLD)
        .add(dot + run.device() + dot + threads + dot + run.directory(), Ink.QUIET);
  }

  StyledLine finished(StageRecord stage) {
    long steps = stage.steps().isEmpty() ? 0 : stage.steps().get(stage.steps().size() - 1).step();
    var line =
        new StyledLine()
            .add(style.glyphs().tick() + " ", Ink.GOOD)
            .add(stage.name(), Ink.BOLD)
            .add("  " + ReadableNumbers.count(steps) + (steps == 1 ? " step" : " steps"))
            .add("  " + ReadableNumbers.duration(stage.seconds()), Ink.QUIET);
    OptionalDouble first = stage.first(stage.keyMetric());
    OptionalDouble last = stage.last(stage.keyMetric());
    if (first.isPresent() && last.isPresent()) {
      line.add(
          "  %s %s %s %s"
              .formatted(
                  stage.keyMetric().label(),
                  ReadableNumbers.number(first.getAsDouble()),
                  style.glyphs().arrow(),
                  ReadableNumbers.number(last.getAsDouble())));
    }
    return line;
  }

  StyledLine evaluated(Evaluation evaluation) {
    Interval interval = evaluation.accuracy().wilson95();
    return new StyledLine()
        .add("  " + evaluation.task() + " accuracy " + evaluation.moment() + "  ")
        .add(ReadableNumbers.percent(evaluation.accuracy().value()), Ink.BOLD)
        .add(
            "  (95%% interval %s to %s, %s prompts)"
                .formatted(
                    ReadableNumbers.percent(interval.low()),
                    ReadableNumbers.percent(interval.high()),
                    ReadableNumbers.count(evaluation.accuracy().trials())),
            Ink.QUIET);
  }

  StyledLine warned(String sentence) {
    return new StyledLine().add("! ", Ink.WARNING).add(sentence);
  }

  /** A step on one line, for logs. */
  StyledLine stepped(StepMetrics step, Metric keyMetric, OptionalDouble remainingSeconds) {
    var line =
        new StyledLine().add("  %s %d/%d".formatted(step.stage(), step.step(), step.totalSteps()));
    OptionalDouble key = step.value(keyMetric);
    if (key.isPresent()) {
      line.add("  " + keyMetric.label() + " " + ReadableNumbers.number(key.getAsDouble()));
    }
    Measures.of(step, keyMetric).forEach(part -> line.add("  " + part));
    line.add("  " + ReadableNumbers.duration(step.elapsedSeconds()) + " elapsed");
    if (remainingSeconds.isPresent() && step.step() < step.totalSteps()) {
      line.add("  " + ReadableNumbers.duration(remainingSeconds.getAsDouble()) + " left");
    }
    return line;
  }

  /** The result: what changed, how long it took, where to look. */
  List<StyledLine> summary(RunSummary run) {
    List<StyledLine> lines = new ArrayList<>();
    lines.add(
        new StyledLine()
            .add(style.glyphs().tick() + " ", Ink.GOOD)
            .add(run.name(), Ink.BOLD)
            .add(" finished in " + ReadableNumbers.duration(run.seconds())));
    for (String task : run.tasks()) {
      lines.add(new StyledLine());
      lines.addAll(change(run, task));
    }
    if (!run.files().isEmpty()) {
      lines.add(new StyledLine());
      lines.add(new StyledLine().add("  Worth looking at, in " + run.directory()));
      int widest =
          run.files().stream().mapToInt(file -> StyledLine.width(file.path())).max().orElse(0);
      for (RunFile file : run.files()) {
        String gap = " ".repeat(2 + widest - StyledLine.width(file.path()));
        lines.add(new StyledLine().add("    " + file.path()).add(gap + file.meaning(), Ink.QUIET));
      }
    }
    return lines;
  }

  private List<StyledLine> change(RunSummary run, String task) {
    List<Evaluation> evaluations = run.evaluationsOf(task);
    Evaluation first = evaluations.get(0);
    Evaluation last = evaluations.get(evaluations.size() - 1);
    if (evaluations.size() == 1) {
      return List.of(evaluated(first));
    }
    List<StyledLine> lines = new ArrayList<>();
    lines.add(
        new StyledLine()
            .add("  " + task + " accuracy  ")
            .add(ReadableNumbers.percent(first.accuracy().value()))
            .add(" " + style.glyphs().arrow() + " ")
            .add(ReadableNumbers.percent(last.accuracy().value()), Ink.BOLD)
            .add("  on " + ReadableNumbers.count(last.accuracy().trials()) + " prompts"));
    lines.add(interval(first));
    lines.add(interval(last));
    run.comparisonOf(task).ifPresent(comparison -> lines.add(difference(comparison.difference())));
    return lines;
  }

  private static StyledLine interval(Evaluation evaluation) {
    Interval interval = evaluation.accuracy().wilson95();
    return new StyledLine()
        .add(
            "    %s: 95%% interval %s to %s"
                .formatted(
                    evaluation.moment(),
                    ReadableNumbers.percent(interval.low()),
                    ReadableNumbers.percent(interval.high())),
            Ink.QUIET);
  }

  private static StyledLine difference(PairedDifference difference) {
    return new StyledLine()
        .add(
            "    change on the same prompts: %s points, 95%% interval %s to %s"
                .formatted(
                    ReadableNumbers.points(difference.mean()),
                    ReadableNumbers.points(difference.interval95().low()),
                    ReadableNumbers.points(difference.interval95().high())),
            Ink.QUIET);
  }

  /** The end of a run that failed. */
  List<StyledLine> failed(RunFailed failure) {
    return List.of(
        new StyledLine().add(style.glyphs().cross() + " ", Ink.BAD).add(failure.sentence()),
        new StyledLine().add("  " + failure.whatNext()));
  }
}

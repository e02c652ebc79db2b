package dev.troupe.actors.console;

import dev.troupe.actors.console.StyledLine.Ink;
import dev.troupe.actors.event.RunEvent.RunFailed;
import dev.troupe.actors.event.RunEvent.RunPaused;
import dev.troupe.actors.event.RunEvent.RunStarted;
import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Measure;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.record.ReadableNumbers;
import dev.troupe.runtime.record.RunSummary;
import dev.troupe.runtime.record.RunSummary.Comparison;
import dev.troupe.runtime.record.RunSummary.RunFile;
import dev.troupe.runtime.record.StageRecord;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.statistics.Interval;
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
      String start =
          stage.hasOneStep()
              ? ""
              : ReadableNumbers.number(first.getAsDouble()) + " " + style.glyphs().arrow() + " ";
      String end = ReadableNumbers.number(last.getAsDouble());
      line.add("  " + stage.keyMetric().label() + " " + start + end);
    }
    return line;
  }

  StyledLine evaluated(Evaluation evaluation) {
    Measure measure = evaluation.measure();
    return new StyledLine()
        .add("  %s %s  ".formatted(subject(evaluation), evaluation.moment()))
        .add(measure.valueText(), Ink.BOLD)
        .add(
            "  (95%% interval %s, %s prompts)"
                .formatted(measure.intervalText(), ReadableNumbers.count(measure.prompts())),
            Ink.QUIET);
  }

  private static String subject(Evaluation evaluation) {
    return evaluation.task() + " " + evaluation.measure().quantity().label();
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
    for (String sentence : run.advice()) {
      lines.add(new StyledLine());
      lines.add(new StyledLine().add("  " + sentence));
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
            .add("  " + subject(last) + "  " + first.measure().valueText())
            .add(" " + style.glyphs().arrow() + " ")
            .add(last.measure().valueText(), Ink.BOLD)
            .add("  on " + ReadableNumbers.count(last.measure().prompts()) + " prompts"));
    lines.add(interval(first));
    lines.add(interval(last));
    run.comparisonOf(task).ifPresent(comparison -> lines.add(difference(comparison)));
    return lines;
  }

  private static StyledLine interval(Evaluation evaluation) {
    return new StyledLine()
        .add(
            "    %s: 95%% interval %s"
                .formatted(evaluation.moment(), evaluation.measure().intervalText()),
            Ink.QUIET);
  }

  private static StyledLine difference(Comparison comparison) {
    Quantity quantity = comparison.quantity();
    Interval interval = comparison.difference().interval95();
    return new StyledLine()
        .add(
            "    change on the same prompts: %s, 95%% interval %s to %s"
                .formatted(
                    quantity.change(comparison.difference().mean()),
                    quantity.signed(interval.low()),
                    quantity.signed(interval.high())),
            Ink.QUIET);
  }

  /** The end of a run that was asked to end. */
  List<StyledLine> paused(RunPaused pause) {
    return List.of(
        new StyledLine().add(style.glyphs().tick() + " ", Ink.GOOD).add(pause.sentence()),
        new StyledLine().add("  " + pause.whatNext()));
  }

  /** The end of a run that failed. */
  List<StyledLine> failed(RunFailed failure) {
    return List.of(
        new StyledLine().add(style.glyphs().cross() + " ", Ink.BAD).add(failure.sentence()),
        new StyledLine().add("  " + failure.whatNext()));
  }
}

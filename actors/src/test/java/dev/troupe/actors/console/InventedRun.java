package dev.troupe.actors.console;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunEvent.ActivityChanged;
import dev.troupe.actors.event.RunEvent.EvaluationFinished;
import dev.troupe.actors.event.RunEvent.RunFailed;
import dev.troupe.actors.event.RunEvent.RunFinished;
import dev.troupe.actors.event.RunEvent.RunPaused;
import dev.troupe.actors.event.RunEvent.RunStarted;
import dev.troupe.actors.event.RunEvent.StageFinished;
import dev.troupe.actors.event.RunEvent.StageStarted;
import dev.troupe.actors.event.RunEvent.StepFinished;
import dev.troupe.actors.event.RunEvent.WarningRaised;
import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Measure;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.record.RunSummary;
import dev.troupe.runtime.record.RunSummary.Comparison;
import dev.troupe.runtime.record.RunSummary.RunFile;
import dev.troupe.runtime.record.RunSummary.Status;
import dev.troupe.runtime.record.StageRecord;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.statistics.Interval;
import dev.troupe.runtime.statistics.PairedDifference;
import dev.troupe.runtime.statistics.Proportion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The events of a run that never was; {@link #main} plays them in a terminal, to be looked at. */
public final class InventedRun {
  private static final int STEPS = 40;

  private InventedRun() {}

  /** Plays the run: an optional mode (auto, quiet, json), then milliseconds an event. */
  public static void main(String[] arguments) {
    var mode = Console.Mode.valueOf(arguments[0].toUpperCase(Locale.ROOT));
    long pauseNanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(arguments[1]));
    try (RunView view = Console.open(mode)) {
      for (RunEvent event : events()) {
        view.on(event);
        LockSupport.parkNanos(pauseNanos);
      }
    }
  }

  static List<RunEvent> events() {
    List<RunEvent> events = new ArrayList<>();
    events.add(new RunStarted("arithmetic", "cpu", 2, "runs/arithmetic", false));
    events.add(new ActivityChanged("evaluating on 250 prompts"));
    events.add(new EvaluationFinished(before()));
    events.add(new StageStarted("warm-up", "supervised", Metric.LOSS, STEPS, List.of()));
    warmUp().steps().forEach(step -> events.add(new StepFinished(step)));
    events.add(new StageFinished(warmUp()));
    events.add(new StageStarted("grpo", "grpo", Metric.REWARD_MEAN, STEPS, List.of()));
    for (StepMetrics step : grpo().steps()) {
      events.add(new ActivityChanged("generating 8 groups"));
      events.add(new ActivityChanged("training"));
      events.add(new StepFinished(step));
      if (step.step() == 20) {
        events.add(new WarningRaised("2 rewards missed their deadline of 10 s; scored again"));
      }
    }
    events.add(new StageFinished(grpo()));
    events.add(new ActivityChanged("evaluating on 250 prompts"));
    events.add(new EvaluationFinished(after()));
    events.add(new RunFinished(summary()));
    return events;
  }

  static RunFailed failure() {
    return new RunFailed(
        "the disk of runs/arithmetic is full: 0 bytes left, a checkpoint needs 12 MB",
        "Free some space, then run the same command again: it resumes at step 20.");
  }

  static RunPaused pause() {
    return new RunPaused(
        "The run was interrupted. It ended in order, with a checkpoint: stage grpo, step 20 of 40.",
        "Run the same command again: it goes on at step 21.");
  }

  static Evaluation before() {
    return new Evaluation("held-out", "before", Measure.accuracy(new Proportion(30, 250)));
  }

  static Evaluation after() {
    return new Evaluation("held-out", "after", Measure.accuracy(new Proportion(187, 250)));
  }

  static StageRecord warmUp() {
    List<StepMetrics> steps = new ArrayList<>();
    for (int step = 1; step <= STEPS; step++) {
      steps.add(
          new StepMetrics(
              "warm-up", step, STEPS, step * 0.5, Map.of("loss", 2.0 / (1 + step / 8.0))));
    }
    return new StageRecord("warm-up", "supervised", Metric.LOSS, 20, steps);
  }

  static StageRecord grpo() {
    List<StepMetrics> steps = new ArrayList<>();
    for (int step = 1; step <= STEPS; step++) {
      Map<String, Double> values = new LinkedHashMap<>();
      double learned = 1 / (1 + Math.exp(-(step - 18) / 5.0));
      values.put("reward/mean", 0.2 + 0.6 * learned + (step % 3 - 1) * 0.02);
      values.put("kl/reference", 0.04 * learned);
      values.put("length/mean", 14 + 9 * learned);
      values.put("loss", 0.01 * (step % 5 - 2));
      values.put("gradient-norm", 0.9);
      values.put("tokens/generated", 1300.0);
      values.put("time/generate-seconds", 1.6);
      steps.add(new StepMetrics("grpo", step, STEPS, step * 2.4, values));
    }
    return new StageRecord("grpo", "grpo", Metric.REWARD_MEAN, 96, steps);
  }

  static RunSummary summary() {
    return new RunSummary(
        "arithmetic",
        Status.FINISHED,
        "",
        "./troupe run arithmetic.conf",
        "cpu",
        2,
        "runs/arithmetic",
        Instant.EPOCH,
        131,
        List.of(warmUp(), grpo()),
        List.of(before(), after()),
        List.of(
            new Comparison(
                "held-out",
                Quantity.ACCURACY,
                new PairedDifference(0.628, new Interval(0.564, 0.688), 250))),
        List.of(),
        List.of(
            new RunFile("report.html", "curves, accuracies and samples on one page"),
            new RunFile("checkpoints/step-40", "the trained model, Hugging Face layout"),
            new RunFile("metrics.jsonl", "every number of every step")));
  }

  /** A run with a graded reward. */
  static RunSummary graded() {
    return new RunSummary(
        "stories",
        Status.FINISHED,
        "",
        "./troupe run stories.conf",
        "cpu",
        2,
        "runs/stories",
        Instant.EPOCH,
        131,
        List.of(),
        List.of(graded("before", 0.155, -0.021, 0.334), graded("after", 0.695, 0.571, 0.793)),
        List.of(
            new Comparison(
                "held-out prompts",
                Quantity.MEAN_REWARD,
                new PairedDifference(0.540, new Interval(0.409, 0.671), 16))),
        List.of(),
        List.of());
  }

  static Evaluation graded(String moment, double value, double low, double high) {
    var measure = new Measure(Quantity.MEAN_REWARD, value, new Interval(low, high), 16);
    return new Evaluation("held-out prompts", moment, measure);
  }
}

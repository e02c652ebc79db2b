package dev.troupe.actors.console;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import dev.troupe.runtime.record.MetricsJson;
import dev.troupe.runtime.record.RunSummary;
import dev.troupe.runtime.record.RunSummary.Comparison;
import dev.troupe.runtime.record.RunSummary.RunFile;
import dev.troupe.runtime.record.StageRecord;
import dev.troupe.runtime.statistics.Interval;
import java.io.PrintStream;

/**
 * One JSON object a line and event, for programs that start runs. Each has the field {@code event};
 * a step has the fields of {@code metrics.jsonl} besides.
 */
final class JsonView implements RunView {
  private static final JsonMapper JSON = new JsonMapper();

  private final PrintStream out;

  JsonView(PrintStream out) {
    this.out = out;
  }

  @Override
  public synchronized void on(RunEvent event) {
    out.print(object(event) + "\n");
    out.flush();
  }

  private static ObjectNode object(RunEvent event) {
    if (event instanceof StepFinished finished) {
      return MetricsJson.write(finished.metrics(), named("step-finished"));
    } else if (event instanceof ActivityChanged changed) {
      return named("activity-changed").put("activity", changed.activity());
    } else if (event instanceof RunStarted started) {
      return named("run-started")
          .put("run", started.run())
          .put("device", started.device())
          .put("threads", started.threads())
          .put("directory", started.directory())
          .put("resumed", started.isResumed());
    } else if (event instanceof StageStarted started) {
      return named("stage-started")
          .put("stage", started.stage())
          .put("algorithm", started.algorithm())
          .put("key-metric", started.keyMetric().name())
          .put("total-steps", started.totalSteps())
          .put("earlier-steps", started.earlier().size());
    } else if (event instanceof StageFinished finished) {
      return stage(named("stage-finished"), finished.stage());
    } else if (event instanceof EvaluationFinished finished) {
      return evaluation(named("evaluation-finished"), finished.evaluation());
    } else if (event instanceof WarningRaised raised) {
      return named("warning-raised").put("sentence", raised.sentence());
    } else if (event instanceof RunFinished finished) {
      return summary(named("run-finished"), finished.summary());
    } else if (event instanceof RunPaused paused) {
      return named("run-paused")
          .put("sentence", paused.sentence())
          .put("what-next", paused.whatNext());
    } else if (event instanceof RunFailed failed) {
      return named("run-failed")
          .put("sentence", failed.sentence())
          .put("what-next", failed.whatNext());
    }
    throw new IllegalArgumentException("no JSON form for the event " + event);
  }

  private static ObjectNode named(String event) {
    return JSON.createObjectNode().put("event", event);
  }

  private static ObjectNode stage(ObjectNode object, StageRecord stage) {
    object
        .put("stage", stage.name())
        .put("algorithm", stage.algorithm())
        .put("steps", stage.steps().size())
        .put("seconds", stage.seconds())
        .put("key-metric", stage.keyMetric().name());
    stage.first(stage.keyMetric()).ifPresent(first -> object.put("first-tenth", first));
    stage.last(stage.keyMetric()).ifPresent(last -> object.put("last-tenth", last));
    return object;
  }

  private static ObjectNode evaluation(ObjectNode object, Evaluation evaluation) {
    Measure measure = evaluation.measure();
    object
        .put("task", evaluation.task())
        .put("moment", evaluation.moment())
        .put("measure", measure.quantity().key())
        .put("value", measure.value())
        .put("prompts", measure.prompts());
    return interval(object, measure.interval95());
  }

  private static ObjectNode interval(ObjectNode object, Interval interval) {
    object.putArray("interval-95").add(interval.low()).add(interval.high());
    return object;
  }

  private static ObjectNode summary(ObjectNode object, RunSummary run) {
    object.put("run", run.name()).put("seconds", run.seconds()).put("directory", run.directory());
    ArrayNode stages = object.putArray("stages");
    run.stages().forEach(stage -> stage(stages.addObject(), stage));
    ArrayNode evaluations = object.putArray("evaluations");
    run.evaluations().forEach(evaluation -> evaluation(evaluations.addObject(), evaluation));
    ArrayNode comparisons = object.putArray("comparisons");
    for (Comparison comparison : run.comparisons()) {
      interval(
          comparisons
              .addObject()
              .put("task", comparison.task())
              .put("measure", comparison.quantity().key())
              .put("difference", comparison.difference().mean())
              .put("prompts", comparison.difference().pairs()),
          comparison.difference().interval95());
    }
    ArrayNode advice = object.putArray("advice");
    run.advice().forEach(advice::add);
    ArrayNode files = object.putArray("files");
    for (RunFile file : run.files()) {
      files.addObject().put("path", file.path()).put("meaning", file.meaning());
    }
    return object;
  }

  @Override
  public synchronized void close() {
    out.flush();
  }
}

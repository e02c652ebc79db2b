package dev.troupe.actors.event;

import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.RunSummary;
import dev.troupe.runtime.record.StageRecord;
import dev.troupe.runtime.record.StepMetrics;
import java.util.List;

/** Something that happened in a run. */
public sealed interface RunEvent {

  /**
   * The run begins, or goes on after a stop.
   *
   * @param run name of the run
   * @param device where it computes, such as {@code cpu}
   * @param threads how many threads it computes with
   * @param directory the run directory
   * @param isResumed whether earlier work was found there
   */
  record RunStarted(String run, String device, int threads, String directory, boolean isResumed)
      implements RunEvent {}

  /**
   * A stage begins, or goes on after a stop.
   *
   * @param stage name of the stage
   * @param algorithm what trains in it
   * @param keyMetric the metric that tells whether the stage works
   * @param totalSteps how many steps it will have
   * @param earlier its steps from before a stop, oldest first; empty at a fresh start
   */
  record StageStarted(
      String stage, String algorithm, Metric keyMetric, long totalSteps, List<StepMetrics> earlier)
      implements RunEvent {
    /** Copies the list. */
    public StageStarted {
      earlier = List.copyOf(earlier);
    }
  }

  /**
   * The run turns to another part of its work, such as {@code generating} or {@code evaluating on
   * 250 prompts}. Tells a waiting person what the silence is.
   *
   * @param activity a participle and what it acts on, without a full stop
   */
  record ActivityChanged(String activity) implements RunEvent {}

  /**
   * A step of the current stage is done.
   *
   * @param metrics what was measured in it
   */
  record StepFinished(StepMetrics metrics) implements RunEvent {}

  /**
   * A stage is done.
   *
   * @param stage all of it
   */
  record StageFinished(StageRecord stage) implements RunEvent {}

  /**
   * The model was measured on a fixed set of prompts.
   *
   * @param evaluation what was found and when
   */
  record EvaluationFinished(Evaluation evaluation) implements RunEvent {}

  /**
   * Something went wrong that the run survives but a person should know.
   *
   * @param sentence what, and what the run does about it
   */
  record WarningRaised(String sentence) implements RunEvent {}

  /**
   * The run is done.
   *
   * @param summary all of it, with the files worth looking at
   */
  record RunFinished(RunSummary summary) implements RunEvent {}

  /**
   * The run was asked to end and did so in order.
   *
   * @param sentence why, and where it stands
   * @param whatNext the command that takes it up again
   */
  record RunPaused(String sentence, String whatNext) implements RunEvent {}

  /**
   * The run stopped without being done.
   *
   * @param sentence what failed, where, and the cause
   * @param whatNext what the person can do now, such as the command that resumes
   */
  record RunFailed(String sentence, String whatNext) implements RunEvent {}
}

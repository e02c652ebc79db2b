package dev.troupe.actors.run;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.StageSettings;
import dev.troupe.runtime.statistics.Interval;
import dev.troupe.runtime.statistics.Proportion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the directory of a run says about it, whether the run is alive or not.
 *
 * @param name of the run
 * @param isAlive whether a process holds the directory
 * @param stages the stages of its recipe, in order
 * @param evaluations what was measured on held-out prompts so far
 */
public record RunStatus(
    String name, boolean isAlive, List<Stage> stages, List<Evaluation> evaluations) {

  /**
   * A stage.
   *
   * @param last its last recorded step, or empty if it has not begun
   */
  public record Stage(String name, String kind, Optional<StepMetrics> last) {}

  /**
   * An evaluation.
   *
   * @param stage after which it was made
   * @param accuracy share of right completions
   * @param interval its 95% interval
   * @param meanReward mean total reward
   */
  public record Evaluation(
      String stage, Proportion accuracy, Interval interval, double meanReward) {}

  /** Copies the lists. */
  public RunStatus {
    stages = List.copyOf(stages);
    evaluations = List.copyOf(evaluations);
  }

  /**
   * Reads a run directory.
   *
   * @throws RunException if it is none
   */
  public static RunStatus of(Path directory) {
    Path conf = directory.resolve("run.conf");
    if (!Files.isRegularFile(conf)) {
      throw new RunException(
          "%s is not a run directory: it has no run.conf; give the directory of a run, such as runs/quickstart."
              .formatted(directory));
    }
    RunSettings settings = Recipe.load(conf);
    Map<String, StepMetrics> last = new LinkedHashMap<>();
    Path metrics = directory.resolve("metrics.jsonl");
    if (Files.exists(metrics)) {
      MetricsLog.read(metrics).forEach(step -> last.put(step.stage(), step));
    }
    var stages = new ArrayList<Stage>();
    for (StageSettings stage : settings.stages()) {
      stages.add(
          new Stage(
              stage.name(),
              stage.kind().name().toLowerCase(Locale.ROOT),
              Optional.ofNullable(last.get(stage.name()))));
    }
    return new RunStatus(
        settings.name(), RunDirectory.isHeld(directory), stages, evaluations(directory, settings));
  }

  private static List<Evaluation> evaluations(Path directory, RunSettings settings) {
    Stream<String> names =
        Stream.concat(
            Stream.of(StageSettings.MODEL), settings.stages().stream().map(StageSettings::name));
    return names
        .flatMap(stage -> EvaluationFile.read(directory, stage).stream())
        .filter(file -> file.trials() > 0)
        .map(
            file -> {
              var accuracy = new Proportion(file.successes(), file.trials());
              return new Evaluation(file.stage(), accuracy, accuracy.wilson95(), file.meanReward());
            })
        .toList();
  }
}

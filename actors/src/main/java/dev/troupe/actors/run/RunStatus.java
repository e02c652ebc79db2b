package dev.troupe.actors.run;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.RunSummary.Comparison;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.StageSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
 * @param comparison the last of them against the first, or empty if there is only one
 */
public record RunStatus(
    String name,
    boolean isAlive,
    List<Stage> stages,
    List<Evaluation> evaluations,
    Optional<Comparison> comparison) {

  /**
   * A stage.
   *
   * @param last its last recorded step, or empty if it has not begun
   */
  public record Stage(String name, String kind, Optional<StepMetrics> last) {}

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
    RunSettings settings = Recipe.load(requireConf(directory));
    Map<String, StepMetrics> last = new LinkedHashMap<>();
    Path metrics = directory.resolve("metrics.jsonl");
    if (Files.exists(metrics)) {
      MetricsLog.read(metrics).forEach(step -> last.put(step.stage(), step));
    }
    var stages = new ArrayList<Stage>();
    for (StageSettings stage : settings.stages()) {
      stages.add(
          new Stage(stage.name(), stage.kind(), Optional.ofNullable(last.get(stage.name()))));
    }
    var heldOut = new HeldOutResults(evaluations(directory, settings), settings.seed());
    return new RunStatus(
        settings.name(),
        RunDirectory.isHeld(directory),
        stages,
        heldOut.evaluations(),
        heldOut.comparison());
  }

  /** Whether a process is at the run in a directory. */
  public static boolean isAlive(Path directory) {
    return RunDirectory.isHeld(directory);
  }

  /**
   * The settings file of a run directory.
   *
   * @throws RunException if there is none
   */
  public static Path requireConf(Path directory) {
    Path conf = directory.resolve("run.conf");
    if (!Files.isRegularFile(conf)) {
      throw new RunException(
          "%s is not a run directory: it has no run.conf; give the directory of a run, such as runs/quickstart."
              .formatted(directory));
    }
    return conf;
  }

  private static List<EvaluationFile> evaluations(Path directory, RunSettings settings) {
    Stream<String> names =
        Stream.concat(
            Stream.of(StageSettings.MODEL), settings.stages().stream().map(StageSettings::name));
    return names.flatMap(stage -> EvaluationFile.read(directory, stage).stream()).toList();
  }
}

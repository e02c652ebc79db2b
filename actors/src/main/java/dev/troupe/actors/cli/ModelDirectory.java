package dev.troupe.actors.cli;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.stage.Retention;
import dev.troupe.runtime.checkpoint.Checkpoint;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.StageSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The directory of a model, also for people who name the run that made it. */
final class ModelDirectory {
  private static final String RUN_CONF = "run.conf";

  private ModelDirectory() {}

  /** A model directory itself, or the newest checkpoint of the last stage of a run. */
  static Path find(Path given) {
    return find(given, Optional.empty(), Optional.empty());
  }

  /**
   * @param stage whose checkpoint is wanted, if not the last that has one
   * @param step of the checkpoint, if not the newest
   */
  static Path find(Path wanted, Optional<String> stage, Optional<Long> step) {
    Path given = named(wanted);
    boolean isModel = Files.isRegularFile(given.resolve("config.json"));
    boolean isRun = Files.isRegularFile(given.resolve(RUN_CONF));
    if (isModel && (stage.isPresent() || step.isPresent())) {
      throw new RunException(
          "%s is a model, and --stage and --step choose a checkpoint of a run; leave them out."
              .formatted(given));
    }
    if (isModel) {
      return given;
    }
    if (isRun) {
      return stage.map(name -> of(given, name, step)).orElseGet(() -> last(given, step));
    }
    throw new RunException(
        "%s is neither a model directory (it has no config.json) nor a run directory (no run.conf)."
            .formatted(given));
  }

  /** {@code checkpoints/<stage>/best} is no directory, but means one. */
  private static Path named(Path wanted) {
    return wanted.endsWith("best") && wanted.getParent() != null && !Files.exists(wanted)
        ? Retention.best(wanted.getParent()).orElse(wanted)
        : wanted;
  }

  /** The run that a checkpoint belongs to, or empty if the model is no checkpoint of one. */
  static Optional<Path> runOf(Path model) {
    Path stages = model.toAbsolutePath().normalize().getParent().getParent();
    return stages != null
            && stages.endsWith("checkpoints")
            && Files.isRegularFile(stages.resolveSibling(RUN_CONF))
        ? Optional.of(stages.getParent())
        : Optional.empty();
  }

  private static Path last(Path run, Optional<Long> step) {
    List<String> stages = stages(run);
    Collections.reverse(stages);
    for (String stage : stages) {
      if (store(run, stage).latest().isPresent()) {
        return of(run, stage, step);
      }
    }
    throw new RunException(
        "The run in %s has no checkpoint yet; wait for the first one.".formatted(run));
  }

  private static Path of(Path run, String stage, Optional<Long> step) {
    List<String> stages = stages(run);
    if (!stages.contains(stage)) {
      throw new RunException(
          "The run in %s has no stage %s; it has %s."
              .formatted(run, stage, String.join(", ", stages)));
    }
    CheckpointStore store = store(run, stage);
    if (step.isEmpty()) {
      return store
          .latest()
          .map(Checkpoint::directory)
          .orElseThrow(
              () ->
                  new RunException(
                      "Stage %s of the run in %s has no checkpoint.".formatted(stage, run)));
    }
    return store.list().stream()
        .filter(checkpoint -> checkpoint.step() == step.get())
        .map(Checkpoint::directory)
        .findFirst()
        .orElseThrow(
            () ->
                new RunException(
                    "Stage %s of the run in %s has no checkpoint of step %d; it has %s."
                        .formatted(stage, run, step.get(), steps(store))));
  }

  private static String steps(CheckpointStore store) {
    String steps =
        store.list().stream()
            .map(checkpoint -> Long.toString(checkpoint.step()))
            .collect(Collectors.joining(", "));
    return steps.isEmpty() ? "none" : steps;
  }

  private static List<String> stages(Path run) {
    var stages = new ArrayList<String>(List.of(StageSettings.MODEL));
    Recipe.load(run.resolve(RUN_CONF)).stages().forEach(stage -> stages.add(stage.name()));
    return stages;
  }

  private static CheckpointStore store(Path run, String stage) {
    return new CheckpointStore(run.resolve("checkpoints").resolve(stage));
  }
}

package dev.troupe.actors.cli;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.StageSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The directory of a model, also for people who name the run that made it. */
final class ModelDirectory {
  private ModelDirectory() {}

  static Path find(Path given) {
    if (Files.isRegularFile(given.resolve("config.json"))) {
      return given;
    }
    if (Files.isRegularFile(given.resolve("run.conf"))) {
      var stages = new ArrayList<String>(List.of(StageSettings.MODEL));
      Recipe.load(given.resolve("run.conf")).stages().forEach(stage -> stages.add(stage.name()));
      Collections.reverse(stages);
      for (String stage : stages) {
        var newest = new CheckpointStore(given.resolve("checkpoints").resolve(stage)).latest();
        if (newest.isPresent()) {
          return newest.get().directory();
        }
      }
      throw new RunException(
          "The run in %s has no checkpoint yet; wait for the first one.".formatted(given));
    }
    throw new RunException(
        "%s is neither a model directory (it has no config.json) nor a run directory (no run.conf)."
            .formatted(given));
  }
}

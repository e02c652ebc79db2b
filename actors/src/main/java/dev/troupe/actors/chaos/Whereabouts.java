package dev.troupe.actors.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where a run is, as far as its events and its directory tell. */
final class Whereabouts {
  private final Path run;
  private volatile String stage = "";
  private volatile String phase = "starting";

  Whereabouts(Path run) {
    this.run = run;
  }

  /** Takes note of an event. */
  void note(JsonNode event) {
    switch (event.path("event").asText()) {
      case "run-started" -> phase = "opening";
      case "stage-started" -> {
        stage = event.get("stage").asText();
        phase = "opening at step " + event.path("earlier-steps").asInt();
      }
      case "step-finished" -> {
        stage = event.get("stage").asText();
        phase = "step " + (event.get("step").asLong() + 1);
      }
      case "stage-finished" -> phase = "between stages";
      case "evaluation-finished" -> phase = "evaluated";
      case "run-finished" -> phase = "finished";
      default -> {}
    }
  }

  /** For people: {@code grpo, step 7, writing a checkpoint}. */
  String text() {
    String text = stage.isEmpty() ? phase : stage + ", " + phase;
    return isSaving() ? text + ", writing a checkpoint" : text;
  }

  /** A checkpoint gets its name when it is whole. */
  private boolean isSaving() {
    Path checkpoints = run.resolve("checkpoints").resolve(stage);
    if (stage.isEmpty() || !Files.isDirectory(checkpoints)) {
      return false;
    }
    try (Stream<Path> all = Files.list(checkpoints)) {
      return all.anyMatch(path -> path.getFileName().toString().endsWith(".writing"));
    } catch (IOException e) {
      return false; // It got its name at this moment.
    }
  }
}

package dev.troupe.actors.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which weights a command is about: a model, or a checkpoint of a run. */
final class CheckpointChoice {
  @Parameters(
      paramLabel = "MODEL",
      description = "A model directory, or a run directory (its last stage's newest checkpoint).")
  private Path model;

  @Option(
      names = "--stage",
      paramLabel = "NAME",
      description = "Of a run: the stage whose checkpoint is meant.")
  private String stage;

  @Option(
      names = "--step",
      paramLabel = "N",
      description = "Of a run: the step of the checkpoint (default: the newest).")
  private Long step;

  Path directory() {
    return ModelDirectory.find(model, Optional.ofNullable(stage), Optional.ofNullable(step));
  }
}

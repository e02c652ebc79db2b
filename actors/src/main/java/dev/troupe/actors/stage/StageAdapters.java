package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.checkpoint.PeftAdapter;
import dev.troupe.runtime.checkpoint.Safetensors;
import dev.troupe.runtime.settings.AdaptedStage;
import dev.troupe.runtime.settings.ModelSettings;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.StageSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The low-rank adapters in a checkpoint of a run, and what they were trained on.
 *
 * @param adapters rank, scale, targets and factors; their base is the directory of a model of the
 *     run whose weights are theirs bit for bit, or an empty text if none is left
 * @param base the weights that the adapters are added to
 */
public record StageAdapters(PeftAdapter adapters, LoadedModel base) {

  /**
   * Reads the adapters of a checkpoint.
   *
   * @param directory of the run
   * @param checkpoint a directory {@code checkpoints/STAGE/step-N} in it
   * @throws RunException if the stage trains no adapters
   */
  public static StageAdapters read(RunSettings run, Path directory, Path checkpoint) {
    String stage = checkpoint.toAbsolutePath().getParent().getFileName().toString();
    Path file = checkpoint.resolve(CourseArchive.TRAINER);
    Optional<dev.troupe.runtime.settings.LoraSettings> lora =
        run.stages().stream()
            .filter(it -> it.name().equals(stage) && it instanceof AdaptedStage)
            .flatMap(it -> adapters(run, (AdaptedStage) it).stream())
            .findFirst();
    if (lora.isEmpty() || !Files.isRegularFile(file)) {
      throw new RunException(
          "%s holds no adapters: stage %s trains the whole model; export it with --format hugging-face."
              .formatted(checkpoint, stage));
    }
    SortedMap<String, HostTensor> all = Safetensors.read(file);
    LoadedModel merged = HuggingFaceDirectory.load(checkpoint);
    Map<String, HostTensor> plain = new TreeMap<>(all);
    plain.keySet().retainAll(merged.config().tensorShapes().keySet());
    var base = new LoadedModel(merged.config(), plain);
    String origin =
        origins(run, directory).stream()
            .filter(candidate -> isSame(candidate, base))
            .findFirst()
            .map(Path::toString)
            .orElse("");
    return new StageAdapters(
        PeftAdapter.of(TrainerChoice.adapters(lora.get()), all.values(), origin), base);
  }

  /** A stage without adapters of its own may go on with those of the stage it comes from. */
  private static Optional<dev.troupe.runtime.settings.LoraSettings> adapters(
      RunSettings run, AdaptedStage stage) {
    if (stage.adapters().isPresent()) {
      return stage.adapters();
    }
    return run.stages().stream()
        .filter(it -> it.name().equals(stage.from()) && it instanceof AdaptedStage)
        .flatMap(it -> ((AdaptedStage) it).adapters().stream())
        .findFirst();
  }

  /** Models that the adapters can have been added to: the one that came first, and checkpoints. */
  private static List<Path> origins(RunSettings run, Path directory) {
    var origins = new ArrayList<Path>();
    if (run.model() instanceof ModelSettings.Pretrained model) {
      origins.add(model.path().toAbsolutePath());
    }
    var stages = new ArrayList<String>(List.of(StageSettings.MODEL));
    run.stages().forEach(stage -> stages.add(stage.name()));
    for (String stage : stages) {
      new CheckpointStore(directory.resolve("checkpoints").resolve(stage))
          .latest()
          .ifPresent(checkpoint -> origins.add(checkpoint.directory().toAbsolutePath()));
    }
    return origins;
  }

  private static boolean isSame(Path candidate, LoadedModel base) {
    if (!Files.isRegularFile(candidate.resolve("config.json"))) {
      return false;
    }
    Map<String, HostTensor> tensors = HuggingFaceDirectory.load(candidate).tensors();
    return tensors.keySet().equals(base.tensors().keySet())
        && tensors.entrySet().stream()
            .allMatch(tensor -> isSame(tensor.getValue(), base.tensors().get(tensor.getKey())));
  }

  /** Weights may be stored more narrowly than they are trained. */
  private static boolean isSame(HostTensor stored, HostTensor trained) {
    return stored.dtype() == trained.dtype()
        ? stored.equals(trained)
        : Arrays.equals(stored.toFloats(), trained.toFloats());
  }
}

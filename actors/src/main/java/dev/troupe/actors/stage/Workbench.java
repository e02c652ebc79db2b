package dev.troupe.actors.stage;

import dev.troupe.actors.weights.WeightsExchange;
import dev.troupe.runtime.checkpoint.Checkpoint;
import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.Safetensors;
import dev.troupe.runtime.data.TaskData;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.disk.DiskRoom;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainerSettings;
import dev.troupe.runtime.transport.Circle;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What the courses of a run share. Used by the learner's thread alone. */
public final class Workbench {
  private final RunSettings settings;
  private final Path directory;
  private final Accelerator accelerator;
  private final WeightsExchange exchange;
  private final PromptTokens prompts;
  private final TaskData data;
  private final int epoch;
  private final Optional<Circle> circle;
  private final Map<String, CheckpointStore> stores = new HashMap<>();

  /**
   * @param directory of the run
   * @param accelerator where the learner computes
   * @param exchange where weights are published
   * @param prompts how examples become tokens
   * @param data the task's examples
   * @param epoch how many times the run was started before
   */
  public Workbench(
      RunSettings settings,
      Path directory,
      Accelerator accelerator,
      WeightsExchange exchange,
      PromptTokens prompts,
      TaskData data,
      int epoch) {
    this(settings, directory, accelerator, exchange, prompts, data, epoch, Optional.empty());
  }

  private Workbench(
      RunSettings settings,
      Path directory,
      Accelerator accelerator,
      WeightsExchange exchange,
      PromptTokens prompts,
      TaskData data,
      int epoch,
      Optional<Circle> circle) {
    this.settings = settings;
    this.directory = directory;
    this.accelerator = accelerator;
    this.exchange = exchange;
    this.prompts = prompts;
    this.data = data;
    this.epoch = epoch;
    this.circle = circle;
  }

  /**
   * The same for a course that several learners train.
   *
   * @param together this learner's place among them; the course closes it
   * @param published where its weights are published
   */
  public Workbench sharedBy(Circle together, WeightsExchange published) {
    return new Workbench(
        settings, directory, accelerator, published, prompts, data, epoch, Optional.of(together));
  }

  /** Those who train together with this one, if any. */
  Optional<Circle> circle() {
    return circle;
  }

  /**
   * A trainer, which shares its steps with those of the others if there are any.
   *
   * @param start copied
   */
  Trainer trainer(DecoderWeights start, TrainerSettings training) {
    return circle
        .map(together -> new Trainer(start, training, together))
        .orElseGet(() -> new Trainer(start, training));
  }

  RunSettings settings() {
    return settings;
  }

  Accelerator accelerator() {
    return accelerator;
  }

  WeightsExchange exchange() {
    return exchange;
  }

  PromptTokens prompts() {
    return prompts;
  }

  TaskData data() {
    return data;
  }

  /** A version of this epoch. */
  PolicyVersion version(long number, String digest) {
    return new PolicyVersion(epoch, number, digest);
  }

  CheckpointStore store(String stage) {
    return stores.computeIfAbsent(stage, name -> new CheckpointStore(stageDirectory(name), room()));
  }

  private DiskRoom room() {
    return DiskRoom.of(directory, settings.disk().keepFreeBytes());
  }

  /** Which of a stage's checkpoints stay. */
  Retention retention(String stage) {
    return new Retention(store(stage), stageDirectory(stage), settings.checkpoints());
  }

  /** Where a stage keeps its checkpoints, and what it writes once. */
  Path stageDirectory(String stage) {
    return directory.resolve("checkpoints").resolve(stage);
  }

  /** The weights that an earlier stage ended with, adapters merged; the caller owns them. */
  DecoderWeights result(String stage) {
    return load(last(stage));
  }

  /**
   * The weights that an earlier stage ended with, its adapters beside what they adapt; the caller
   * owns them.
   *
   * @param adapters those that the stage trained
   */
  DecoderWeights adapted(String stage, LoraSettings adapters) {
    Path checkpoint = last(stage);
    return DecoderWeights.of(
        accelerator,
        HuggingFaceDirectory.load(checkpoint).config(),
        adapters,
        Safetensors.read(checkpoint.resolve(CourseArchive.TRAINER)));
  }

  /** What an earlier stage has left; an older checkpoint of it is not what it came to. */
  private Path last(String stage) {
    Optional<Checkpoint> last;
    try {
      last = store(stage).last();
    } catch (CheckpointException e) {
      throw new CheckpointException(
          "What stage %s came to is damaged: %s. Start the same command again: it goes back to the checkpoint before, if there is one, and trains the steps after it once more."
              .formatted(stage, e.getMessage()),
          e);
    }
    return last.orElseThrow(
            () ->
                new CheckpointException(
                    "stage %s has no checkpoint under %s; start the run from its beginning"
                        .formatted(stage, directory)))
        .directory();
  }

  /** The weights in a checkpoint; the caller owns them. */
  DecoderWeights load(Path checkpoint) {
    return DecoderWeights.load(accelerator, HuggingFaceDirectory.load(checkpoint));
  }

  /**
   * Weights in the Hugging Face layout with the tokenizer.
   *
   * @param tensors of the weights, in host memory
   * @return writes them into an existing directory
   */
  Consumer<Path> files(DecoderConfig config, List<HostTensor> tensors) {
    return target -> {
      HuggingFaceDirectory.writeInto(
          target, config, tensors, null, HuggingFaceDirectory.DEFAULT_SHARD_BYTES);
      prompts.tokenizer().save(target);
    };
  }
}

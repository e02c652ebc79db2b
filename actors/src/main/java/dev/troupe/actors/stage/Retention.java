package dev.troupe.actors.stage;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.troupe.runtime.checkpoint.Checkpoint;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.settings.CheckpointSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Which checkpoints of a stage stay: the newest, those of every n-th step, and the best by a
 * metric. The best is found by the metric's mean since the checkpoint before, because single steps
 * tell little, and each checkpoint carries its own, so that a crash forgets none.
 */
public final class Retention {
  /** Names the best checkpoint, beside the checkpoints. */
  private static final String BEST = "best.json";

  private static final String MEASURE = "measure.json";

  /**
   * What a checkpoint, or the best of them, measured.
   *
   * @param step steps done
   * @param metric its name
   * @param value its mean over the steps since the checkpoint before
   */
  record Measure(long step, String metric, double value) {}

  private final CheckpointStore store;
  private final Path directory;
  private final CheckpointSettings settings;
  private double sum;
  private long count;

  /**
   * @param store of the stage
   * @param directory of the store
   */
  Retention(CheckpointStore store, Path directory, CheckpointSettings settings) {
    this.store = store;
    this.directory = directory;
    this.settings = settings;
  }

  /** A step was trained. */
  void add(Map<String, Double> metrics) {
    Double value = settings.bestBy().map(metrics::get).orElse(null);
    if (value != null && !value.isNaN()) {
      sum += value;
      count++;
    }
  }

  /** Takes what the steps since the checkpoint before measured, to be written into a new one. */
  Consumer<Path> describe(long stepsDone) {
    Optional<Measure> measure =
        settings
            .bestBy()
            .filter(metric -> count > 0)
            .map(metric -> new Measure(stepsDone, metric, sum / count));
    sum = 0;
    count = 0;
    return checkpoint ->
        measure.ifPresent(it -> CheckpointJson.write(checkpoint.resolve(MEASURE), it));
  }

  /** Names the best checkpoint and removes those that are not to stay. */
  void prune() {
    var kept = new HashSet<Long>();
    best().ifPresent(best -> kept.add(best.step()));
    if (settings.keepEvery() > 0) {
      store.list().stream()
          .map(Checkpoint::step)
          .filter(step -> step % settings.keepEvery() == 0)
          .forEach(kept::add);
    }
    store.prune(settings.keep(), Set.copyOf(kept));
  }

  private Optional<Measure> best() {
    Comparator<Measure> byValue = Comparator.comparingDouble(Measure::value);
    Optional<Measure> best =
        store.list().stream()
            .flatMap(checkpoint -> measure(checkpoint).stream())
            // Of equals the newest.
            .max(
                (settings.goal() == CheckpointSettings.Goal.MAX ? byValue : byValue.reversed())
                    .thenComparingLong(Measure::step));
    best.ifPresent(measure -> CheckpointJson.replace(directory.resolve(BEST), measure));
    return best;
  }

  private Optional<Measure> measure(Checkpoint checkpoint) {
    Path file = checkpoint.directory().resolve(MEASURE);
    return Files.isRegularFile(file)
        ? Optional.of(CheckpointJson.read(file, new TypeReference<Measure>() {}))
            .filter(measure -> settings.bestBy().filter(measure.metric()::equals).isPresent())
        : Optional.empty();
  }

  /**
   * The best checkpoint of a stage.
   *
   * @param stage directory of its checkpoints
   * @return empty if nothing says which one is
   */
  public static Optional<Path> best(Path stage) {
    Path file = stage.resolve(BEST);
    return Files.isRegularFile(file)
        ? Optional.of(
            stage.resolve(
                "step-" + CheckpointJson.read(file, new TypeReference<Measure>() {}).step()))
        : Optional.empty();
  }
}

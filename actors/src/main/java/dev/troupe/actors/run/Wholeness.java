package dev.troupe.actors.run;

import dev.troupe.actors.protocol.RunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether a run directory has all that a run in it has left. A part that somebody has removed would
 * be made anew, and the run would go on from something that never was.
 */
final class Wholeness {
  private static final String JOURNAL = "journal";
  private static final String METRICS = "metrics.jsonl";
  private static final String CHECKPOINTS = "checkpoints";

  private Wholeness() {}

  /**
   * Refuses a directory of which parts are missing.
   *
   * @param hasJournal whether the journal is in the directory
   * @throws RunException that names one that is there and one that is not
   */
  static void require(Path directory, boolean hasJournal) throws IOException {
    Optional<Path> saved = checkpoint(directory.resolve(CHECKPOINTS));
    Optional<Path> sign = saved.or(() -> first(directory, List.of(JOURNAL, METRICS)));
    if (sign.isEmpty()) {
      return;
    }
    // Both are written before anything else is.
    requirePart(directory, "run.json", sign.get());
    requirePart(directory, "run.conf", sign.get());
    if (saved.isPresent()) {
      requirePart(directory, METRICS, sign.get()); // A step is recorded before it is saved.
      if (hasJournal) {
        requirePart(directory, JOURNAL, sign.get());
      }
    }
  }

  private static Optional<Path> first(Path directory, List<String> names) {
    return names.stream().map(directory::resolve).filter(Files::exists).findFirst();
  }

  private static void requirePart(Path directory, String name, Path sign) {
    if (!Files.exists(directory.resolve(name))) {
      throw new RunException(
          "The run directory %s has %s but no %s; put back what is missing, or give this run another name or directory to start it anew."
              .formatted(directory, directory.relativize(sign), name));
    }
  }

  /** A checkpoint of a step that was trained; the one of a stage's beginning says nothing. */
  private static Optional<Path> checkpoint(Path checkpoints) throws IOException {
    if (!Files.isDirectory(checkpoints)) {
      return Optional.empty();
    }
    try (Stream<Path> all = Files.walk(checkpoints, 2)) {
      return all.filter(path -> path.getFileName().toString().matches("step-[1-9]\\d*"))
          .sorted()
          .findFirst();
    }
  }
}

package dev.troupe.actors.chaos;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Damages files of a run whose process is dead. */
final class Injury {
  private final Path run;
  private final SplittableRandom random;

  Injury(Path run, long seed) {
    this.run = run;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Changes a byte of a file of the newest checkpoint, if its stage has an older one to go back to.
   *
   * @return what was done, for the report
   */
  String corrupt() throws IOException {
    List<Path> newest = newestCheckpointWithAPredecessor();
    if (newest.isEmpty()) {
      return "no second checkpoint yet to damage";
    }
    Path file = newest.get(random.nextInt(newest.size()));
    try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long place = random.nextLong(bytes.length());
      bytes.seek(place);
      int before = bytes.read();
      bytes.seek(place);
      bytes.write(before ^ (1 << random.nextInt(Byte.SIZE)));
      return "byte %d of %s changed".formatted(place, run.relativize(file));
    }
  }

  private List<Path> newestCheckpointWithAPredecessor() throws IOException {
    Path checkpoints = run.resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return List.of();
    }
    Optional<Path> newest;
    try (Stream<Path> all = Files.walk(checkpoints, 2)) {
      newest =
          all.filter(path -> path.getFileName().toString().matches("step-\\d+"))
              .max(Comparator.comparing(Injury::modified));
    }
    if (newest.isEmpty() || siblings(newest.get()) < 2) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(newest.get())) {
      return files
          .filter(file -> Files.isRegularFile(file) && file.toFile().length() > 0)
          .sorted()
          .toList();
    }
  }

  private static long siblings(Path checkpoint) throws IOException {
    try (Stream<Path> all = Files.list(checkpoint.toAbsolutePath().getParent())) {
      return all.filter(path -> path.getFileName().toString().matches("step-\\d+")).count();
    }
  }

  private static FileTime modified(Path path) {
    try {
      return Files.getLastModifiedTime(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Leaves the beginning of a record without its end, as a crash in the middle of a write does.
   *
   * @return what was done, for the report
   */
  String tear() throws IOException {
    Path metrics = run.resolve("metrics.jsonl");
    if (!Files.exists(metrics) || Files.size(metrics) == 0) {
      return "nothing written yet to cut";
    }
    String text = Files.readString(metrics);
    String last = text.substring(text.lastIndexOf('\n', text.length() - 2) + 1);
    String part = last.substring(0, 1 + random.nextInt(last.length() - 1));
    Files.writeString(metrics, part, StandardOpenOption.APPEND);
    return "%d bytes of a record left without the rest".formatted(part.length());
  }
}

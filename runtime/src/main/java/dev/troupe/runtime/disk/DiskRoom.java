package dev.troupe.runtime.disk;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Watches how much is free on the disk of a run directory, so that a run stops before a write
 * fails, not because of it. May be used by several threads.
 */
public final class DiskRoom {
  private static final long MIB = 1L << 20;
  private static final int MOST_NAMED = 3;

  /** What may be removed or bounded, and how. */
  private static final Map<String, String> ADVICE =
      Map.of(
          "rollouts", "records.rollouts.most-mib bounds it",
          "checkpoints", "checkpoints.keep and keep-every say how many stay",
          "ledger", "ledger.keep = replay keeps what is needed only",
          "tensorboard", "may be removed");

  private final Path run;
  private final long keepFreeBytes;
  private final LongSupplier usable;
  private boolean isWarned;

  /**
   * Watches a disk of which tests say what is free.
   *
   * @param usable bytes that this process may write
   */
  DiskRoom(Path run, long keepFreeBytes, LongSupplier usable) {
    this.run = run;
    this.keepFreeBytes = keepFreeBytes;
    this.usable = usable;
  }

  /**
   * Watches the disk of a run directory, which need not exist yet.
   *
   * @param keepFreeBytes what is to stay free; 0 to watch nothing
   */
  public static DiskRoom of(Path run, long keepFreeBytes) {
    return new DiskRoom(run, keepFreeBytes, () -> usable(run.toAbsolutePath()));
  }

  private static long usable(Path path) {
    Path existing = path;
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    try {
      FileStore store = Files.getFileStore(existing);
      return store.getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE; // What cannot be asked cannot be watched; a write will tell.
    }
  }

  /**
   * Sees that something can be written and the rest stays free.
   *
   * @param bytes how much it is, about
   * @param what for people, such as {@code a checkpoint}
   * @throws DiskFullException if not
   */
  public void require(long bytes, String what) {
    if (keepFreeBytes == 0) {
      return;
    }
    long free = usable.getAsLong();
    if (free - bytes < keepFreeBytes) {
      throw new DiskFullException(
          "There is no room for %s%s: the disk of %s has %d MiB free, of which %d MiB are to stay free (disk.keep-free-mib). %s"
              .formatted(what, bytes < MIB ? "" : size(bytes), run, free / MIB, limit(), advice()));
    }
  }

  private static String size(long bytes) {
    return " of %d MiB".formatted(bytes / MIB);
  }

  private long limit() {
    return keepFreeBytes / MIB;
  }

  /**
   * A sentence when it is time to make room, before there is none.
   *
   * @return empty if all is well, or if it was said before
   */
  public synchronized Optional<String> warning() {
    if (keepFreeBytes == 0) {
      return Optional.empty();
    }
    long free = usable.getAsLong();
    boolean isScarce = free < 2 * keepFreeBytes;
    if (!isScarce || isWarned) {
      isWarned = isScarce; // Who has made room is warned again.
      return Optional.empty();
    }
    isWarned = true;
    return Optional.of(
        "The disk of %s has %d MiB free; the run stops before less than %d MiB are (disk.keep-free-mib). %s"
            .formatted(run, free / MIB, limit(), advice()));
  }

  private String advice() {
    Map<String, Long> sizes = new TreeMap<>();
    try (Stream<Path> parts = Files.list(run)) {
      parts.filter(Files::isDirectory).forEach(part -> sizes.put(name(part), bytes(part)));
    } catch (IOException e) {
      sizes.clear(); // There is nothing yet that could be removed.
    }
    String largest =
        sizes.entrySet().stream()
            .filter(part -> part.getValue() >= MIB)
            .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
            .limit(MOST_NAMED)
            .map(DiskRoom::named)
            .collect(Collectors.joining(", "));
    return "Remove other files"
        + (largest.isEmpty() ? "" : ", or see what takes most of the run: " + largest)
        + "; the same command goes on from here.";
  }

  private static String named(Map.Entry<String, Long> part) {
    String advice = ADVICE.get(part.getKey());
    return "%s/ %d MiB%s"
        .formatted(part.getKey(), part.getValue() / MIB, advice == null ? "" : " (" + advice + ")");
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  /** How large a directory is, about; 0 if it is gone. */
  public static long bytes(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | java.io.UncheckedIOException e) {
      return 0; // Something was removed meanwhile.
    }
  }
}

package dev.troupe.runtime.checkpoint;

import dev.troupe.runtime.disk.DiskRoom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one stage: directories {@code step-N}, each with a manifest of its files'
 * sizes and digests. One process writes to a store, from one thread at a time; others may read
 * meanwhile.
 */
public final class CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
  private static final Pattern STEP = Pattern.compile("step-(0|[1-9]\\d{0,17})");

  private final Path directory;
  private final Optional<DiskRoom> room;

  /** Steps that this store wrote or verified, so that pruning need not read them again. */
  private final Set<Long> intact = new HashSet<>();

  /** Opens the store; the directory is created by the first write. */
  public CheckpointStore(Path directory) {
    this(directory, Optional.empty());
  }

  /**
   * Opens the store on a disk that is watched.
   *
   * @param room must be there for a checkpoint as large as the one before
   */
  public CheckpointStore(Path directory, DiskRoom room) {
    this(directory, Optional.of(room));
  }

  private CheckpointStore(Path directory, Optional<DiskRoom> room) {
    this.directory = directory;
    this.room = room;
  }

  /**
   * Writes the checkpoint of a step: offers the writer an empty directory, and when it returns adds
   * the manifest, synchronizes everything to the disk and renames. If the writer throws, or the
   * process dies, no checkpoint of that step appears. One that exists already is replaced.
   *
   * @param writer fills the directory with at least one file; it must have closed all of them
   * @throws CheckpointException if the disk refuses or nothing was written
   * @throws dev.troupe.runtime.disk.DiskFullException if there is no room for it
   */
  public Checkpoint write(long step, Consumer<Path> writer) {
    if (step < 0) {
      throw new IllegalArgumentException("step = " + step + " must be 0 or more");
    }
    Path target = directory.resolve("step-" + step);
    try {
      Aside.createDirectories(directory);
      removeLeftovers();
      room.ifPresent(it -> it.require(usualBytes(), "a checkpoint"));
      Aside.directory(
          target,
          aside -> {
            writer.accept(aside);
            Manifest.write(aside);
          });
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + target + ": " + e, e);
    }
    intact.add(step);
    return new Checkpoint(step, target);
  }

  /** How large the newest checkpoint is; 0 if there is none. */
  private long usualBytes() {
    return newestFirst().stream()
        .findFirst()
        .map(newest -> DiskRoom.bytes(newest.directory()))
        .orElse(0L);
  }

  /**
   * The newest checkpoint whose files agree with its manifest. A corrupt one is skipped with a
   * warning that names it and the one used instead.
   *
   * @return empty if the store holds no checkpoint
   * @throws CheckpointException if it holds some and all are corrupt: starting over is for the
   *     operator to decide
   */
  public Optional<Checkpoint> latest() {
    List<Checkpoint> newestFirst = newestFirst();
    var corrupt = new ArrayList<String>();
    for (Checkpoint checkpoint : newestFirst) {
      try {
        verify(checkpoint);
      } catch (CheckpointException e) {
        corrupt.add(e.getMessage());
        continue;
      }
      if (!corrupt.isEmpty()) {
        LOG.warn("using {} instead: {}", checkpoint.directory(), String.join("; ", corrupt));
      }
      return Optional.of(checkpoint);
    }
    if (!corrupt.isEmpty()) {
      throw new CheckpointException(
          "no checkpoint in %s is intact; put back a copy of one, or give the run another name or directory to start it anew: %s"
              .formatted(directory, String.join("; ", corrupt)));
    }
    return Optional.empty();
  }

  /**
   * The newest checkpoint, as what a finished stage has left: no older one can stand for it.
   *
   * @return empty if the store holds no checkpoint
   * @throws CheckpointException if it is corrupt
   */
  public Optional<Checkpoint> last() {
    Optional<Checkpoint> newest = newestFirst().stream().findFirst();
    newest.ifPresent(this::verify);
    return newest;
  }

  /** All checkpoints by step, oldest first, whether intact or not. */
  public List<Checkpoint> list() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .flatMap(entry -> checkpointAt(entry).stream())
          .sorted(Comparator.comparingLong(Checkpoint::step))
          .toList();
    } catch (IOException e) {
      throw new CheckpointException("cannot list " + directory + ": " + e, e);
    }
  }

  /**
   * Removes old checkpoints. Those that are not intact do not count among the kept, so that pruning
   * never removes the last good one; newer than the oldest kept they stay for inspection.
   *
   * @param keepLast how many of the newest intact checkpoints stay, 1 or more
   * @param protectedSteps steps that stay in any case, such as the best one so far
   * @return the removed checkpoints, oldest first
   * @throws CheckpointException if one cannot be removed
   */
  public List<Checkpoint> prune(int keepLast, Set<Long> protectedSteps) {
    if (keepLast < 1) {
      throw new IllegalArgumentException("keepLast = " + keepLast + " must be 1 or more");
    }
    var removed = new ArrayList<Checkpoint>();
    int kept = 0;
    for (Checkpoint checkpoint : newestFirst()) {
      if (kept < keepLast) {
        kept += isIntact(checkpoint) ? 1 : 0;
      } else if (!protectedSteps.contains(checkpoint.step())) {
        remove(checkpoint);
        removed.add(0, checkpoint);
      }
    }
    return removed;
  }

  private void remove(Checkpoint checkpoint) {
    try {
      Aside.delete(checkpoint.directory());
      intact.remove(checkpoint.step());
    } catch (IOException e) {
      throw new CheckpointException("cannot remove " + checkpoint.directory() + ": " + e, e);
    }
  }

  private boolean isIntact(Checkpoint checkpoint) {
    if (intact.contains(checkpoint.step())) {
      return true;
    }
    try {
      verify(checkpoint);
      return true;
    } catch (CheckpointException e) {
      return false;
    }
  }

  private void verify(Checkpoint checkpoint) {
    intact.remove(checkpoint.step());
    Manifest.verify(checkpoint.directory());
    intact.add(checkpoint.step());
  }

  private List<Checkpoint> newestFirst() {
    return list().stream().sorted(Comparator.comparingLong(Checkpoint::step).reversed()).toList();
  }

  private void removeLeftovers() throws IOException {
    List<Path> leftovers;
    try (Stream<Path> entries = Files.list(directory)) {
      leftovers = entries.filter(Aside::isLeftover).toList();
    }
    for (Path leftover : leftovers) {
      Aside.deleteTree(leftover);
    }
  }

  private static Optional<Checkpoint> checkpointAt(Path entry) {
    Matcher name = STEP.matcher(entry.getFileName().toString());
    return name.matches() && Files.isDirectory(entry)
        ? Optional.of(new Checkpoint(Long.parseLong(name.group(1)), entry))
        : Optional.empty();
  }
}

package dev.troupe.actors.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.checkpoint.Aside;
import dev.troupe.runtime.lock.DirectoryLock;
import dev.troupe.runtime.lock.HeldException;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The directory of a run, held by one process at a time. A run is taken up again only with settings
 * that compute the same.
 */
public final class RunDirectory implements AutoCloseable {
  /** Raised when a program that does not know the new format would do damage. */
  private static final int FORMAT = 2;

  private static final String SETTINGS = "run.conf";
  private static final String STARTS = "run.json";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path path;
  private final DirectoryLock lock;
  private final Starts starts;

  /**
   * How often the run was started.
   *
   * @param format of the directory
   * @param id of the run, unlike that of any other
   * @param startedAt when for the first time, ISO 8601
   * @param epoch how many times before this one
   */
  record Starts(int format, String id, String startedAt, int epoch) {
    /** Names a run that has no name yet. */
    Starts {
      id = id == null ? UUID.randomUUID().toString() : id;
    }
  }

  private RunDirectory(Path path, DirectoryLock lock, Starts starts) {
    this.path = path;
    this.lock = lock;
    this.starts = starts;
  }

  /**
   * Creates the directory or takes it up again, and writes {@code run.conf}.
   *
   * @throws RunException if another process holds it, its run has other settings or another format,
   *     parts of it are missing, or it cannot be written; then nothing of the run is changed
   */
  public static RunDirectory open(Path path, RunSettings settings, Clock clock) {
    DirectoryLock lock = null;
    try {
      Aside.createDirectories(path);
      lock = DirectoryLock.take(path);
      requireKnownFormat(path);
      Wholeness.require(path, settings.journal().isEmbedded());
      requireSameSettings(path, settings);
      Starts starts = count(path, clock);
      Aside.text(path.resolve(SETTINGS), settings.resolved().render());
      return new RunDirectory(path, lock, starts);
    } catch (HeldException e) {
      throw new RunException(
          "The run directory %s is in use by %s; wait for it to end, or choose another directory or name."
              .formatted(path, e.holder()),
          e);
    } catch (IOException e) {
      closeQuietly(lock);
      throw new RunException(
          "The run directory %s cannot be used: %s; check its disk and permissions, or choose another with --directory."
              .formatted(path, reason(e)),
          e);
    } catch (RuntimeException e) {
      closeQuietly(lock);
      throw e;
    }
  }

  /** What the system says, without the names of our classes where it says something. */
  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException denied) {
      return denied.getFile() + " may not be written";
    }
    if (e instanceof FileAlreadyExistsException taken) {
      return taken.getFile() + " is a file";
    }
    return e instanceof FileSystemException fault && fault.getReason() != null
        ? fault.getFile() + ": " + fault.getReason()
        : String.valueOf(e.getMessage());
  }

  /** Whether a process holds a run directory at this moment. */
  static boolean isHeld(Path path) {
    try {
      return DirectoryLock.isHeld(path);
    } catch (IOException e) {
      throw new RunException("The lock of " + path + " cannot be examined: " + e, e);
    }
  }

  private static void requireKnownFormat(Path path) throws IOException {
    Path file = path.resolve(STARTS);
    if (!Files.exists(file)) {
      return;
    }
    int format;
    try {
      format = JSON.readTree(Files.readAllBytes(file)).path("format").asInt(FORMAT);
    } catch (JsonProcessingException e) {
      return; // Told when the starts are counted.
    }
    if (format != FORMAT) {
      throw new RunException(
          "The run in %s was written by %s program (format %d, this one knows %d); go on with that one, or choose another directory or name."
              .formatted(path, format > FORMAT ? "a newer" : "an older", format, FORMAT));
    }
  }

  private static void requireSameSettings(Path path, RunSettings settings) {
    Path file = path.resolve(SETTINGS);
    if (!Files.exists(file)) {
      return;
    }
    List<String> differences = RunSettings.differences(settings, Recipe.load(file));
    if (!differences.isEmpty()) {
      throw new RunException(
          "The run in %s was started with other settings:%n%s%nResume it with the same recipe, or give this run another name or directory."
              .formatted(
                  path,
                  differences.stream()
                      .map(difference -> "  " + difference)
                      .collect(Collectors.joining(System.lineSeparator()))));
    }
  }

  private static Starts count(Path path, Clock clock) throws IOException {
    Path file = path.resolve(STARTS);
    Starts starts = new Starts(FORMAT, null, clock.instant().toString(), 0);
    if (Files.exists(file)) {
      try {
        Starts before = JSON.readValue(Files.readAllBytes(file), Starts.class);
        starts = new Starts(FORMAT, before.id(), before.startedAt(), before.epoch() + 1);
      } catch (JsonProcessingException e) {
        throw new RunException(
            "%s cannot be understood; put back a copy of it, or give this run another name or directory to start it anew."
                .formatted(file),
            e);
      }
    }
    Aside.text(file, JSON.writeValueAsString(starts));
    return starts;
  }

  private static void closeQuietly(DirectoryLock lock) {
    if (lock != null) {
      try {
        lock.close();
      } catch (IOException e) {
        return; // The cause that led here is what people should see.
      }
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** What tells the run from every other, wherever its directory is. */
  public String id() {
    return starts.id();
  }

  /** How many times the run was started before. */
  public int epoch() {
    return starts.epoch();
  }

  /** When the run was started for the first time. */
  public Instant startedAt() {
    return Instant.parse(starts.startedAt());
  }

  /** Lets another process have the directory. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new RunException("The lock of " + path + " cannot be released: " + e, e);
    }
  }
}

package dev.troupe.actors.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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
  private static final int FORMAT = 1;

  private static final String LOCK = "lock";
  private static final String SETTINGS = "run.conf";
  private static final String STARTS = "run.json";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;
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

  private RunDirectory(Path path, FileChannel channel, FileLock lock, Starts starts) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
    this.starts = starts;
  }

  /**
   * Creates the directory or takes it up again, and writes {@code run.conf}.
   *
   * @throws RunException if another process holds it, its run has other settings, or it cannot be
   *     written
   */
  public static RunDirectory open(Path path, RunSettings settings, Clock clock) {
    FileChannel channel = null;
    try {
      Files.createDirectories(path);
      channel =
          FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = lock(path, channel);
      requireKnownFormat(path);
      requireSameSettings(path, settings);
      sign(channel);
      Starts starts = count(path, clock);
      replace(path.resolve(SETTINGS), settings.resolved().render());
      return new RunDirectory(path, channel, lock, starts);
    } catch (IOException e) {
      closeQuietly(channel);
      throw new RunException(
          "The run directory %s cannot be used: %s; check its disk and permissions, or choose another with --directory."
              .formatted(path, reason(e)),
          e);
    } catch (RuntimeException e) {
      closeQuietly(channel);
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
    Path file = path.resolve(LOCK);
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true; // Held within this very process.
    } catch (IOException e) {
      throw new RunException("The lock of " + path + " cannot be examined: " + e, e);
    }
  }

  private static FileLock lock(Path path, FileChannel channel) throws IOException {
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null; // Held within this very process.
    }
    if (lock == null) {
      throw new RunException(
          "The run directory %s is in use by %s; wait for it to end, or choose another directory or name."
              .formatted(path, holder(path)));
    }
    return lock;
  }

  /** Who holds the directory, for the sentence that another process is refused with. */
  private static void sign(FileChannel channel) throws IOException {
    String name = "process %d on %s".formatted(ProcessHandle.current().pid(), host());
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)), 0);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a host without a name";
    }
  }

  private static String holder(Path path) throws IOException {
    String name = Files.readString(path.resolve(LOCK));
    return name.isBlank() ? "another process" : name;
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
    if (format > FORMAT) {
      throw new RunException(
          "The run in %s was written by a newer program (format %d, this one knows %d); go on with that one, or choose another directory or name."
              .formatted(path, format, FORMAT));
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
            file + " cannot be understood; remove it to go on with a new count of starts.", e);
      }
    }
    replace(file, JSON.writeValueAsString(starts));
    return starts;
  }

  private static void replace(Path file, String text) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(draft, text);
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
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
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new RunException("The lock of " + path + " cannot be released: " + e, e);
    }
  }
}

package dev.troupe.actors.run;

import dev.troupe.actors.protocol.RunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;

/**
 * A file in the run directory by which somebody asks for the end of the run, wherever its process
 * is.
 */
public final class StopRequest {
  private static final String FILE = "stop";

  private StopRequest() {}

  /**
   * Asks.
   *
   * @param grace how long what was begun may take to be finished
   * @throws RunException if the directory cannot be written
   */
  public static void write(Path run, Duration grace) {
    try {
      Path draft = run.resolve(FILE + ".part");
      Files.writeString(draft, Long.toString(grace.toMillis()));
      Files.move(draft, run.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new RunException(
          "The request cannot be left in %s: %s; check its permissions.".formatted(run, e), e);
    }
  }

  /**
   * Takes a request away.
   *
   * @return its grace; empty if there is none
   */
  public static Optional<Duration> take(Path run) {
    Path file = run.resolve(FILE);
    try {
      Duration grace = Duration.ofMillis(Long.parseLong(Files.readString(file).strip()));
      Files.delete(file);
      return Optional.of(grace);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | NumberFormatException e) {
      throw new RunException("The request at %s cannot be read: %s.".formatted(file, e), e);
    }
  }
}

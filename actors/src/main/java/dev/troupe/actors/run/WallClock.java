package dev.troupe.actors.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * The time of day, for people. Nothing that the run decides depends on it: deadlines are kept by
 * {@link System#nanoTime}, which no correction of the clock moves.
 *
 * <p>{@code troupe chaos} shows that by moving it: in a process that was started with the property
 * {@value #PROPERTY}, the clock is wrong by as many seconds as the file says that it names.
 */
public final class WallClock extends Clock {
  /** System property that names the file. */
  static final String PROPERTY = "troupe.chaos.clock";

  private final Path file;
  private final ZoneId zone;

  private WallClock(Path file, ZoneId zone) {
    this.file = file;
    this.zone = zone;
  }

  /** The system's clock, unless the process was started to have another one. */
  public static Clock system() {
    String name = System.getProperty(PROPERTY);
    return name == null ? Clock.systemUTC() : new WallClock(Path.of(name), ZoneOffset.UTC);
  }

  @Override
  public ZoneId getZone() {
    return zone;
  }

  @Override
  public Clock withZone(ZoneId other) {
    return new WallClock(file, other);
  }

  @Override
  public Instant instant() {
    return Instant.now().plusSeconds(wrongBy());
  }

  private long wrongBy() {
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (IOException | NumberFormatException e) {
      return 0; // Not there yet, or being written.
    }
  }
}

package dev.troupe.actors.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Files by which a process is disturbed from within, because nobody but root could do it from
 * outside: it looks at them only if it was started with the flags of here.
 *
 * @param directory of the process
 */
public record Switches(Path directory) {
  /** Property that names the file which cuts a node off; see {@code SharedDriver}. */
  private static final String CUT = "troupe.chaos.cut";

  /** Property that names the file which says how far the wall clock is wrong. */
  private static final String CLOCK = "troupe.chaos.clock";

  private static final int LONGEST_JUMP_SECONDS = 1800;
  private static final int SHORTEST_JUMP_SECONDS = 60;

  /** Names the library of libfaketime, by which the clock of all that a process is made of jumps. */
  private static final String FAKETIME = "TROUPE_FAKETIME";

  private Path cut() {
    return directory.resolve("cut");
  }

  private Path clock() {
    return directory.resolve("clock");
  }

  private static Optional<Path> fakeTime() {
    return Optional.ofNullable(System.getenv(FAKETIME)).map(Path::of);
  }

  /**
   * Words to put before a command, for its environment. Without {@value #FAKETIME} it is the clock
   * of Troupe alone that jumps; with it that of all libraries, but processes are much slower then,
   * for that library does not let any clock be read without it.
   *
   * @param isClockMoved whether its clock will jump
   */
  public List<String> environment(boolean isClockMoved) {
    return fakeTime()
        .filter(library -> isClockMoved)
        .map(
            library ->
                List.of(
                    "env",
                    "LD_PRELOAD=" + library,
                    "FAKETIME_TIMESTAMP_FILE=" + clock().toAbsolutePath(),
                    "FAKETIME_CACHE_DURATION=1",
                    "FAKETIME_DONT_FAKE_MONOTONIC=1",
                    "DONT_FAKE_MONOTONIC=1"))
        .orElse(List.of());
  }

  /** Flags of the virtual machine. */
  public List<String> flags() {
    var flags = new ArrayList<String>();
    flags.add("-D%s=%s".formatted(CUT, cut().toAbsolutePath()));
    if (fakeTime().isEmpty()) {
      flags.add("-D%s=%s".formatted(CLOCK, clock().toAbsolutePath()));
    }
    return flags;
  }

  /** All is as it should be. */
  void reset() throws IOException {
    Files.createDirectories(directory);
    Files.deleteIfExists(cut());
    setClock(0);
  }

  /** Whether the process hears and is heard. */
  void cutOff(boolean isCutOff) {
    try {
      if (isCutOff) {
        Files.writeString(cut(), "");
      } else {
        Files.deleteIfExists(cut());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Moves the wall clock, by an amount that follows from the point. */
  void jump(FaultPoint point) {
    SplittableRandom random = random(point);
    int seconds = random.nextInt(SHORTEST_JUMP_SECONDS, LONGEST_JUMP_SECONDS);
    try {
      setClock(random.nextBoolean() ? seconds : -seconds);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void setClock(int seconds) throws IOException {
    Path draft = directory.resolve("clock.part");
    Files.writeString(draft, "%+d\n".formatted(seconds));
    Files.move(draft, clock(), StandardCopyOption.REPLACE_EXISTING);
  }

  /** How long a process is cut off: shorter and longer than others bear it. */
  static Duration span(FaultPoint point, Duration freeze) {
    long longest = freeze.toMillis() * 4;
    return Duration.ofMillis(random(point).nextLong(longest / 8, longest));
  }

  private static SplittableRandom random(FaultPoint point) {
    return new SplittableRandom(((long) point.step() << Integer.SIZE) + point.delayMillis());
  }
}

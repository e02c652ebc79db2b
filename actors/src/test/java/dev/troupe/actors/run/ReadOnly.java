package dev.troupe.actors.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A directory tree that nobody may write to, for as long as this is open. Permissions do not bind
 * the superuser, the attribute of immutable files does; neither is to be had everywhere.
 */
final class ReadOnly implements AutoCloseable {
  private final Path directory;
  private final boolean isImmutable;

  ReadOnly(Path directory) {
    this.directory = directory;
    this.isImmutable = succeeds("chattr", "-R", "+i", directory.toString());
    if (!isImmutable) {
      succeeds("chmod", "-R", "a-w", directory.toString());
    }
  }

  /** Skips a test where nothing keeps this user from writing. */
  void assume() throws IOException {
    boolean isWritable;
    try (Stream<Path> files = Files.walk(directory)) {
      isWritable = files.allMatch(Files::isWritable);
    }
    Assumptions.assumeTrue(
        isImmutable || !isWritable, "nothing keeps this user from writing to a directory");
  }

  private static boolean succeeds(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // There is no such program.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    if (isImmutable) {
      succeeds("chattr", "-R", "-i", directory.toString());
    } else {
      succeeds("chmod", "-R", "u+w", directory.toString());
    }
  }
}

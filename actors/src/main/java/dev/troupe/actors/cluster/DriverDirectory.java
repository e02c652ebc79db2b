package dev.troupe.actors.cluster;

import dev.troupe.actors.protocol.RunException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * Where the media driver of a process keeps its buffers: in memory where there is a file system for
 * that, under the number of the process. What processes left behind that were killed is removed.
 */
public final class DriverDirectory {
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final String PREFIX = "troupe-aeron-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,18})");

  private DriverDirectory() {}

  /** The directory of this process, which does not exist yet. */
  public static Path own() {
    Path parent = Files.isWritable(MEMORY) ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
    try {
      removeOrphans(parent);
      Path own = parent.resolve(PREFIX + ProcessHandle.current().pid());
      // Several nodes may share a process, as in tests.
      for (int i = 1; Files.exists(own); i++) {
        own = parent.resolve(PREFIX + ProcessHandle.current().pid() + "-" + i);
      }
      return own;
    } catch (IOException e) {
      throw new RunException("The directory %s cannot be used: %s".formatted(parent, e), e);
    }
  }

  private static void removeOrphans(Path parent) throws IOException {
    List<Path> directories;
    try (Stream<Path> all = Files.list(parent)) {
      directories = all.toList();
    }
    for (Path directory : directories) {
      Matcher name = NAME.matcher(directory.getFileName().toString());
      if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
        remove(directory);
      }
    }
  }

  private static void remove(Path directory) {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path done, IOException failure)
                throws IOException {
              Files.delete(done);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      // Another user's, or another node removes it too.
      LoggerFactory.getLogger(DriverDirectory.class).debug("{} stays", directory, e);
    }
  }
}

package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
  private static final int MOST_BYTES = 4096;

  /** Each message is about 100 bytes with what stands before it. */
  private static final int MESSAGES = 400;

  @TempDir private Path directory;

  @Test
  void aLogOfWeeksTakesNoMoreRoomThanItsFilesMayAndEndsWithTheNewestMessage() throws IOException {
    Path file = directory.resolve("troupe.log");
    var context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    var appender = LogFile.appender(context, file, MOST_BYTES, 2, 0);
    var logger = context.getLogger("test");
    logger.setLevel(Level.INFO);
    logger.addAppender(appender);

    for (int i = 1; i <= MESSAGES; i++) {
      logger.info("message {} of a run that goes on and on and on", i);
    }
    appender.stop();

    List<String> names;
    try (Stream<Path> files = Files.list(directory)) {
      names = files.map(it -> it.getFileName().toString()).sorted().toList();
    }
    assertEquals(List.of("troupe.log", "troupe.log.1", "troupe.log.2"), names);
    for (String name : names) {
      // A message may still go into a file that has just become too large.
      assertTrue(Files.size(directory.resolve(name)) < 2 * MOST_BYTES, name);
    }
    assertTrue(Files.readString(file).contains("message " + MESSAGES + " of"));
  }
}

package dev.troupe.runtime.record;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Event files that TensorBoard reads: one sub-directory a stage, which it shows as one curve each.
 *
 * <p>A resumed run starts a new file, and its first event tells TensorBoard to forget the steps
 * that are done again. Nothing is ever appended to the file of a dead process, so a torn last
 * record does no harm. Not safe for use by several threads.
 */
public final class TensorBoardLog implements Closeable {
  private final Path directory;
  private final Clock clock;
  private final Map<String, FileChannel> channels = new HashMap<>();

  /**
   * @param directory where the sub-directories of the stages go; created with the first step
   * @param clock gives the wall time that each event carries
   */
  public TensorBoardLog(Path directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** Writes every metric of the step as a scalar with the metric's name as its tag. */
  public void append(StepMetrics step) {
    try {
      FileChannel channel = channels.get(step.stage());
      if (channel == null) {
        channel = start(step);
        channels.put(step.stage(), channel);
      }
      write(channel, TensorBoardEvent.scalars(wallTime(), step.step(), step.values()));
    } catch (IOException e) {
      throw new RecordException(
          "cannot write TensorBoard events under %s: %s; check its disk and permissions"
              .formatted(directory, e),
          e);
    }
  }

  private FileChannel start(StepMetrics first) throws IOException {
    Path stage = Files.createDirectories(directory.resolve(fileName(first.stage())));
    boolean resumed;
    try (Stream<Path> files = Files.list(stage)) {
      resumed = files.findAny().isPresent();
    }
    FileChannel channel = create(stage);
    write(channel, TensorBoardEvent.fileVersion(wallTime()));
    if (resumed) {
      write(channel, TensorBoardEvent.restartAt(wallTime(), first.step()));
    }
    return channel;
  }

  private FileChannel create(Path stage) throws IOException {
    // TensorBoard reads the files of a directory in the order of their names.
    for (long second = clock.instant().getEpochSecond(); ; second++) {
      Path file = stage.resolve("events.out.tfevents.%010d.troupe".formatted(second));
      try {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      } catch (FileAlreadyExistsException e) {
        continue; // Two starts within one second: take the next name.
      }
    }
  }

  private static void write(FileChannel channel, byte[] event) throws IOException {
    ByteBuffer record = ByteBuffer.wrap(TensorBoardEvent.frame(event));
    while (record.hasRemaining()) {
      channel.write(record);
    }
  }

  private double wallTime() {
    return clock.millis() / 1000.0;
  }

  /** Stage names are the user's; TensorBoard would take a slash or a dot-dot for a path. */
  private static String fileName(String stage) {
    return stage.replaceAll("[^\\w.-]", "_").replaceAll("^\\.+", "_");
  }

  @Override
  public void close() {
    for (FileChannel channel : channels.values()) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new RecordException("cannot close the TensorBoard events under " + directory, e);
      }
    }
    channels.clear();
  }
}

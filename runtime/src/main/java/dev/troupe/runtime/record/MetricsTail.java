package dev.troupe.runtime.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Follows a {@code metrics.jsonl} that another process may be writing: each call reads only what
 * was added since the last one. Reads, never writes. Not safe for use by several threads.
 *
 * <p>A resumed run drops steps and writes others in their place. The last line that was read is
 * therefore compared with the file each time; when it is no longer there, everything is read anew.
 */
public final class MetricsTail {
  /** Bytes read in one call; a long history arrives in several. */
  private static final int MOST_BYTES = 4 << 20;

  private final Path file;
  private long position;
  private long lines;
  private byte[] lastLine = {};

  /**
   * What was found since the last call.
   *
   * @param isAnew whether all steps told before are void, because the file was cut or replaced
   * @param steps complete steps after that, oldest first
   * @param isMore whether a further call would find more right away
   */
  public record News(boolean isAnew, List<StepMetrics> steps, boolean isMore) {
    static final News NONE = new News(false, List.of(), false);

    /** Copies the list. */
    public News {
      steps = List.copyOf(steps);
    }
  }

  /**
   * @param file may not exist yet
   */
  public MetricsTail(Path file) {
    this.file = file;
  }

  /**
   * Reads on.
   *
   * @throws RecordException if the file cannot be read or holds something else than steps
   */
  public News poll() {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      boolean isAnew = position > 0 && !isContinued(channel);
      if (isAnew) {
        restart();
      }
      return read(channel, isAnew);
    } catch (NoSuchFileException e) {
      boolean isAnew = position > 0;
      restart();
      return isAnew ? new News(true, List.of(), false) : News.NONE;
    } catch (IOException e) {
      throw new RecordException(
          "cannot read %s: %s; check its disk and permissions".formatted(file, e), e);
    }
  }

  private void restart() {
    position = 0;
    lines = 0;
    lastLine = new byte[0];
  }

  /** Whether the line that was read last still ends where it ended. */
  private boolean isContinued(FileChannel channel) throws IOException {
    if (channel.size() < position) {
      return false;
    }
    byte[] there = bytes(channel, position - lastLine.length, lastLine.length);
    return Arrays.equals(there, lastLine);
  }

  private News read(FileChannel channel, boolean isAnew) throws IOException {
    long available = channel.size() - position;
    byte[] bytes = bytes(channel, position, (int) Math.min(available, MOST_BYTES));
    List<StepMetrics> steps = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        steps.add(parse(lines + steps.size() + 1, new String(bytes, start, i - start, UTF_8)));
        lastLine = Arrays.copyOfRange(bytes, start, i + 1);
        start = i + 1;
      }
    }
    if (start == 0 && bytes.length == MOST_BYTES) {
      throw new RecordException(
          "%s:%d is longer than %d bytes: it is not a step of a run"
              .formatted(file, lines + 1, MOST_BYTES),
          null);
    }
    position += start;
    lines += steps.size();
    return new News(isAnew, steps, bytes.length < available);
  }

  private StepMetrics parse(long number, String line) {
    try {
      return MetricsJson.parse(line);
    } catch (IllegalArgumentException e) {
      throw new RecordException(
          "%s:%d is not a step of a run: %s".formatted(file, number, e.getMessage()), e);
    }
  }

  private static byte[] bytes(FileChannel channel, long from, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {}
    return Arrays.copyOf(buffer.array(), buffer.position());
  }
}

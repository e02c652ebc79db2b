package dev.troupe.runtime.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The append-only {@code metrics.jsonl} of a run: one JSON object a line, one line a step.
 *
 * <p>Each line is on the disk before {@link #append} returns, so neither a kill of the process nor
 * a power cut loses anything but a line in flight. Not safe for use by several threads, and one
 * process at a time may write.
 */
public final class MetricsLog implements Closeable {
  private static final int SCAN_BYTES = 8192;

  private final Path file;
  private final FileChannel channel;
  private final Optional<TornLine> torn;

  /**
   * The beginning of a line whose writer died before the end.
   *
   * @param position byte offset in the file at which the line began
   * @param bytes how many bytes of it there were
   */
  public record TornLine(long position, long bytes) {}

  private MetricsLog(Path file, FileChannel channel, Optional<TornLine> torn) {
    this.file = file;
    this.channel = channel;
    this.torn = torn;
  }

  /** Opens or creates the file for appending and drops a torn last line. */
  public static MetricsLog open(Path file) {
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        long end = endOfLastLine(channel);
        long size = channel.size();
        channel.truncate(end);
        channel.position(end);
        return new MetricsLog(
            file,
            channel,
            end < size ? Optional.of(new TornLine(end, size - end)) : Optional.empty());
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw failed("open", file, e);
    }
  }

  /** The torn line that opening dropped, for the log of the run. */
  public Optional<TornLine> torn() {
    return torn;
  }

  /** Writes one line; when it cannot be written whole, nothing of it stays. */
  public void append(StepMetrics step) {
    ByteBuffer line = UTF_8.encode(MetricsJson.line(step) + "\n");
    try {
      long start = channel.position();
      try {
        while (line.hasRemaining()) {
          channel.write(line);
        }
        channel.force(false);
      } catch (IOException e) {
        channel.truncate(start);
        throw e;
      }
    } catch (IOException e) {
      throw failed("append to", file, e);
    }
  }

  /**
   * Forgets what a resumed run will do again: the steps of the stage after the given one. A stage
   * that others follow was done before and comes to the same again: then everything stays.
   *
   * @param stage the stage at which the run resumes
   * @param step the last step that stays, 0 if the stage starts over
   * @return how many lines were dropped
   */
  public int truncateAfter(String stage, long step) {
    List<Line> lines = lines(file);
    if (lines.isEmpty() || !lines.get(lines.size() - 1).metrics().stage().equals(stage)) {
      return 0;
    }
    int kept = lines.size();
    while (kept > 0
        && lines.get(kept - 1).metrics().stage().equals(stage)
        && lines.get(kept - 1).metrics().step() > step) {
      kept--;
    }
    if (kept < lines.size()) {
      truncate(lines.get(kept).position());
    }
    return lines.size() - kept;
  }

  private void truncate(long position) {
    try {
      channel.truncate(position);
      channel.position(position);
    } catch (IOException e) {
      throw failed("truncate", file, e);
    }
  }

  /** All steps in the file, oldest first. */
  public List<StepMetrics> read() {
    return read(file);
  }

  /** All complete steps of a file that may still be written to, oldest first. */
  public static List<StepMetrics> read(Path file) {
    return lines(file).stream().map(Line::metrics).toList();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed("close", file, e);
    }
  }

  private record Line(long position, StepMetrics metrics) {}

  private static List<Line> lines(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new RecordException(
          "there are no metrics at " + file + ": has this run made its first step?", e);
    } catch (IOException e) {
      throw failed("read", file, e);
    }
    List<Line> lines = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        lines.add(
            new Line(
                start, parse(file, lines.size() + 1, new String(bytes, start, i - start, UTF_8))));
        start = i + 1;
      }
    }
    return lines;
  }

  private static StepMetrics parse(Path file, int number, String line) {
    try {
      return MetricsJson.parse(line);
    } catch (IllegalArgumentException e) {
      throw new RecordException(
          "%s:%d is not a step of a run: %s; remove or repair the line"
              .formatted(file, number, e.getMessage()),
          e);
    }
  }

  /** The position after the last newline, searched from the end in blocks. */
  private static long endOfLastLine(FileChannel channel) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(SCAN_BYTES);
    for (long end = channel.size(); end > 0; end -= Math.min(end, SCAN_BYTES)) {
      long start = Math.max(0, end - SCAN_BYTES);
      block.clear().limit((int) (end - start));
      while (block.hasRemaining()) {
        if (channel.read(block, start + block.position()) < 0) {
          throw new IOException("the file shrank while it was read");
        }
      }
      for (int i = block.position() - 1; i >= 0; i--) {
        if (block.get(i) == '\n') {
          return start + i + 1;
        }
      }
    }
    return 0;
  }

  private static RecordException failed(String verb, Path file, IOException cause) {
    return new RecordException(
        "cannot %s %s: %s; check its disk and permissions".formatted(verb, file, cause), cause);
  }
}

package dev.troupe.runtime.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * The records of one run in its directory: {@code metrics.jsonl}, {@code tensorboard/} and {@code
 * report.html}. Not safe for use by several threads.
 */
public final class RunRecord implements AutoCloseable {
  private static final String METRICS = "metrics.jsonl";
  private static final String TENSORBOARD = "tensorboard";
  private static final String REPORT = "report.html";

  private final Path directory;
  private final MetricsLog metrics;
  private final TensorBoardLog tensorBoard;

  private RunRecord(Path directory, MetricsLog metrics, TensorBoardLog tensorBoard) {
    this.directory = directory;
    this.metrics = metrics;
    this.tensorBoard = tensorBoard;
  }

  /**
   * Opens the records of a new run or of one to resume.
   *
   * @param directory the run directory; created if absent
   * @param clock gives the wall time in the TensorBoard events
   */
  public static RunRecord open(Path directory, Clock clock) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new RecordException(
          "cannot create the run directory %s: %s; choose another or check its parent"
              .formatted(directory, e),
          e);
    }
    return new RunRecord(
        directory,
        MetricsLog.open(directory.resolve(METRICS)),
        new TensorBoardLog(directory.resolve(TENSORBOARD), clock));
  }

  /** The line that a killed writer left unfinished and that opening dropped, if there was one. */
  public Optional<MetricsLog.TornLine> torn() {
    return metrics.torn();
  }

  /** Records a step for good. */
  public void append(StepMetrics step) {
    metrics.append(step);
    tensorBoard.append(step);
  }

  /** Forgets what a resumed run will do again; see {@link MetricsLog#truncateAfter}. */
  public int truncateAfter(String stage, long step) {
    return metrics.truncateAfter(stage, step);
  }

  /** The steps recorded for one stage, oldest first. */
  public List<StepMetrics> steps(String stage) {
    return metrics.read().stream().filter(step -> step.stage().equals(stage)).toList();
  }

  /** Writes the report anew and returns its path. */
  public Path report(RunSummary summary) {
    Path file = directory.resolve(REPORT);
    RunReport.write(file, summary);
    return file;
  }

  @Override
  public void close() {
    try (metrics) {
      tensorBoard.close();
    }
  }
}

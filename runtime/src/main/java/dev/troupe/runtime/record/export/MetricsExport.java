package dev.troupe.runtime.record.export;

import dev.troupe.runtime.record.StepMetrics;
import java.util.List;

/** Somewhere else that the metrics of a run go. Methods return at once and do not throw. */
public interface MetricsExport extends AutoCloseable {

  /** Takes a step; one that was taken before is passed over. */
  void add(StepMetrics step);

  /**
   * Notes that the run is over.
   *
   * @param isFinished whether it was done to its end
   */
  void end(boolean isFinished);

  /** Sentences for people about what went wrong since the last call. */
  List<String> complaints();

  /** Gives what is left a few seconds, then lets go. */
  @Override
  void close();
}

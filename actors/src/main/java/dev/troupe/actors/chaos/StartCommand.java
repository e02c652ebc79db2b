package dev.troupe.actors.chaos;

import java.nio.file.Path;
import java.util.List;

/** How the processes of a run are started. */
@FunctionalInterface
public interface StartCommand {
  /** A Java heap in which no run can live. */
  String TINY_HEAP = "12m";

  /** The only process of a run that is not on a cluster. */
  String ALONE = "run";

  /**
   * What is to be started.
   *
   * @param run the run directory
   * @param member who; {@value #ALONE} for a run in one process
   * @param heap the Java heap, such as {@value #TINY_HEAP}; empty for the usual one
   * @param switches directory of the files by which the process is disturbed from within
   */
  record Start(Path run, String member, String heap, Path switches) {}

  /**
   * The words of the command. The process that leads the run writes its events as JSON to its
   * standard output.
   */
  List<String> of(Start start);
}

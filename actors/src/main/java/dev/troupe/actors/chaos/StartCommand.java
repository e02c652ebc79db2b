package dev.troupe.actors.chaos;

import java.nio.file.Path;
import java.util.List;

/** How a run is started in a process of its own. */
@FunctionalInterface
public interface StartCommand {
  /** A Java heap in which no run can live. */
  String TINY_HEAP = "12m";

  /**
   * The words of the command; the process writes its events as JSON to its standard output.
   *
   * @param run the run directory
   * @param heap the Java heap, such as {@value #TINY_HEAP}; empty for the usual one
   */
  List<String> of(Path run, String heap);
}

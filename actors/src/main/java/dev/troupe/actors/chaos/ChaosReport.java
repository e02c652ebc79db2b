package dev.troupe.actors.chaos;

import java.util.List;

/**
 * What came of disturbing a run.
 *
 * @param episodes its processes, in order
 * @param unreached faults whose moment never came
 * @param failures what should not have happened: processes that ended by themselves or fell silent,
 *     and every difference from the undisturbed run; empty if the run survived everything
 */
public record ChaosReport(List<Line> episodes, List<FaultPoint> unreached, List<String> failures) {

  /**
   * One process.
   *
   * @param fault what it met, for people
   * @param exitCode of the process
   * @param seconds how long it lived
   * @param firstStepSeconds from its start to the first step that it trained; NaN if none
   * @param note what was done beside the fault
   */
  public record Line(
      String fault, int exitCode, double seconds, double firstStepSeconds, String note) {}

  /** Copies the lists. */
  public ChaosReport {
    episodes = List.copyOf(episodes);
    unreached = List.copyOf(unreached);
    failures = List.copyOf(failures);
  }

  /** Whether the disturbed run ended like the undisturbed one. */
  public boolean isSurvived() {
    return failures.isEmpty();
  }
}

package dev.troupe.actors.protocol;

import java.util.Map;

/** How a run ended. */
public sealed interface RunOutcome 
    permits RunOutcome.Completed, RunOutcome.Paused, RunOutcome.Stopped {

  /**
   * Every stage is done.
   *
   * @param digests digest of the weights that each stage ended with, by stage
   */
  record Completed(Map<String, String> digests) implements RunOutcome {
    /** Copies the map. */
    public Completed {
      digests = Map.copyOf(digests);
    }
  }

  /**
   * The run was asked to end and has finished what it had begun; the same command takes it up.
   *
   * @param sentence why, for people
   */
  record Paused(String sentence) implements RunOutcome {}

  /**
   * The run cannot go on, or was asked to stop.
   *
   * @param cause one sentence for people
   */
  record Stopped(String cause) implements RunOutcome {}
}

package dev.troupe.runtime.reward.code;

/** How a confined program ended. */
sealed interface SandboxResult {

  /**
   * By itself.
   *
   * @param exit its status; above 128 it was ended by a signal
   * @param output what it wrote to standard output
   * @param error what it wrote to standard error
   */
  record Ended(int exit, String output, String error) implements SandboxResult {}

  /**
   * It was stopped at a bound.
   *
   * @param bound which one
   * @param reason the same for a person
   */
  record Stopped(Bound bound, String reason) implements SandboxResult {}

  /** What a program can have too much of. */
  enum Bound {
    /** Time on the wall. */
    TIME,
    /** Time of a processor. */
    CPU,
    /** Resident memory or address space. */
    MEMORY,
    /** Processes at the same time. */
    PROCESSES,
    /** Output. */
    OUTPUT,
    /** What the sandbox refuses: files, the network. */
    REFUSED,
    /** It ended before its tests did. */
    EXIT
  }
}

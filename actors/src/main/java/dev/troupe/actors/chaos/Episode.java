package dev.troupe.actors.chaos;

import java.util.Optional;

/**
 * What became of one process that led a disturbed run.
 *
 * @param point the fault that it met last; empty if it met none
 * @param exitCode of the process
 * @param isFinished whether the run was done with it, and not merely this process
 * @param seconds wall time from its start to its end
 * @param firstStepSeconds wall time from its start to the first step that it trained; NaN if none
 * @param note what was done beside the fault, or what went wrong
 */
record Episode(
    Optional<FaultPoint> point,
    int exitCode,
    boolean isFinished,
    double seconds,
    double firstStepSeconds,
    String note) {}

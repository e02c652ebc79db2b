package dev.troupe.actors.chaos;

/**
 * When a fault happens.
 *
 * @param fault what happens
 * @param step how many steps of the run, counted over all its stages, are done at that moment; 0 is
 *     before the first one
 * @param delayMillis how long after that, so that faults fall into every part of a step and into
 *     the writing of checkpoints
 */
public record FaultPoint(Fault fault, int step, int delayMillis) {

  /** For people: {@code kill after step 17 + 120 ms}. */
  @Override
  public String toString() {
    return "%s after step %d + %d ms".formatted(fault, step, delayMillis);
  }
}

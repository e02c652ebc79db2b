package dev.troupe.actors.chaos;

/**
 * When a fault happens, and to whom.
 *
 * @param fault what happens
 * @param member which process; {@link #EVERYBODY} for all of them
 * @param step how many steps of the run, counted over all its stages, are done at that moment; 0 is
 *     before the first one
 * @param delayMillis how long after that, so that faults fall into every part of a step and into
 *     the writing of checkpoints
 * @param isDuringStart whether it rather follows the next start of the process that leads, before
 *     that has said anything
 */
public record FaultPoint(
    Fault fault, String member, int step, int delayMillis, boolean isDuringStart) {
  /** All processes at once. */
  public static final String EVERYBODY = "everybody";

  /** Whether it is about a process. */
  boolean isAbout(String name) {
    return member.equals(name) || member.equals(EVERYBODY);
  }

  /** For people: {@code kill of lead after step 17 + 120 ms}. */
  @Override
  public String toString() {
    return isDuringStart
        ? "%s of %s %d ms after its start".formatted(fault, member, delayMillis)
        : "%s of %s after step %d + %d ms".formatted(fault, member, step, delayMillis);
  }
}

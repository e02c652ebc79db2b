package dev.troupe.runtime.alarm;

/**
 * A span of steps in which something looked wrong.
 *
 * @param rule what looked wrong
 * @param stage the stage in which it did
 * @param firstStep the step at which it was seen first
 * @param lastStep the last step at which it was seen
 * @param isOngoing whether it still holds at the newest step of the stage
 * @param sentence what was seen at the last step, with its numbers
 */
public record Alarm(
    Rule rule, String stage, long firstStep, long lastStep, boolean isOngoing, String sentence) {

  Alarm seenAgain(long step, String news) {
    return new Alarm(rule, stage, firstStep, step, true, news);
  }

  Alarm over() {
    return new Alarm(rule, stage, firstStep, lastStep, false, sentence);
  }
}

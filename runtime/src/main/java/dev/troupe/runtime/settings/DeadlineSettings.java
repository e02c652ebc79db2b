package dev.troupe.runtime.settings;

import java.time.Duration;

/**
 * How long an answer may take before it is asked of another worker. Deadlines never change what a
 * run computes.
 *
 * @param generate decoding one work unit
 * @param reward scoring one group
 * @param reference log-probabilities of one work unit under a frozen model
 * @param train one learner step
 */
public record DeadlineSettings(
    Duration generate, Duration reward, Duration reference, Duration train) {

  private static final Duration MIN = Duration.ofSeconds(1);
  private static final Duration MAX = Duration.ofDays(7);

  static DeadlineSettings from(Checked c) {
    return new DeadlineSettings(
        c.duration("generate", MIN, MAX),
        c.duration("reward", MIN, MAX),
        c.duration("reference", MIN, MAX),
        c.duration("train", MIN, MAX));
  }
}

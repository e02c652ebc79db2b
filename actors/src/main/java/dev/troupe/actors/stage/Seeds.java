package dev.troupe.actors.stage;

import dev.troupe.runtime.generation.CounterRandom;

/** Independent seeds for the parts of a run, all following from its one seed. */
final class Seeds {
  private Seeds() {}

  /**
   * The seed of a subject, such as {@code "rollouts grpo"}: the same for the same text everywhere.
   */
  static long of(long runSeed, String subject) {
    long seed = CounterRandom.mix(runSeed);
    for (int i = 0; i < subject.length(); i++) {
      seed = CounterRandom.mix(seed + subject.charAt(i));
    }
    return seed;
  }
}

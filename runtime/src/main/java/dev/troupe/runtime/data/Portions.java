package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;

/** How many prompts a task keeps from training, and how many examples it trains on at most. */
final class Portions {
  private final Checked task;
  private final int heldOut;
  private final int trainLimit;

  /** Reads {@code held-out} and {@code train-limit} of a task's section. */
  Portions(Checked task) {
    this.task = task;
    this.heldOut = task.integer("held-out", 0, Integer.MAX_VALUE);
    this.trainLimit = task.integer("train-limit", 1, Integer.MAX_VALUE);
  }

  /** How many prompts are held out. */
  int heldOut() {
    return heldOut;
  }

  /** At most how many examples to train on. */
  int trainLimit() {
    return trainLimit;
  }

  /**
   * Refuses to hold out everything.
   *
   * @param prompts how many different prompts there are
   * @throws dev.troupe.runtime.settings.SettingsException if none would be left to train on
   */
  void requireRest(long prompts) {
    if (heldOut >= prompts) {
      task.refuse(
          "held-out",
          "leaves nothing to train on",
          "there are %d different prompts".formatted(prompts));
      task.throwIfAny();
    }
  }
}

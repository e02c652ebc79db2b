package dev.troupe.runtime.training;

/**
 * Consecutive shards of a step.
 *
 * @param from the first
 * @param to the one behind the last
 */
public record ShardRange(int from, int to) {
  /** Checks the order. */
  public ShardRange {
    if (from < 0 || to <= from) {
      throw new IllegalArgumentException(
          "shards %d to %d are no range; a range has at least one shard".formatted(from, to));
    }
  }

  /**
   * The shards of one of several learners: as many for each as can be.
   *
   * @param shards of the whole step
   * @param learner from 0
   * @param learners how many, at most as many as shards
   */
  public static ShardRange of(int shards, int learner, int learners) {
    return new ShardRange(
        (int) ((long) shards * learner / learners),
        (int) ((long) shards * (learner + 1) / learners));
  }

  /** How many. */
  public int size() {
    return to - from;
  }
}

package dev.troupe.algorithms.offpolicy;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * How many rollouts may be started so that none is learned from at more than a given number of
 * versions after its own (AReaL, Fu et al. 2025, eq. 3). With version v and staleness eta, rollouts
 * are admitted while
 *
 * <pre>accepted + running < (eta + v + 1) * batchSize   and   running < maxConcurrent</pre>
 *
 * @param batchSize rollouts that one version is trained on, at least 1
 * @param maxStaleness eta, versions, 0 or more; 0 is synchronous
 * @param maxConcurrent rollouts that may run at the same time, at least 1
 */
public record StalenessBound(int batchSize, int maxStaleness, int maxConcurrent) {
  /**
   * Checks every part and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each part that is out of its range
   */
  public StalenessBound {
    List<String> problems = new ArrayList<>();
    requireAtLeast("batchSize", batchSize, 1, problems);
    requireAtLeast("maxStaleness", maxStaleness, 0, problems);
    requireAtLeast("maxConcurrent", maxConcurrent, 1, problems);
    Require.none("staleness bound", problems);
  }

  /**
   * How many rollouts may be started now.
   *
   * @param version the version that generates now; counts the batches trained on, from 0
   * @param accepted rollouts that were finished and taken for training since version 0
   * @param running rollouts that have been started and not finished
   * @return 0 or more
   * @throws IllegalArgumentException naming each argument that is negative
   */
  public long allowed(long version, long accepted, long running) {
    List<String> problems = new ArrayList<>();
    requireAtLeast("version", version, 0, problems);
    requireAtLeast("accepted", accepted, 0, problems);
    requireAtLeast("running", running, 0, problems);
    Require.none("staleness bound", problems);
    long fresh = (maxStaleness + version + 1) * batchSize - (accepted + running);
    return Math.max(0, Math.min(fresh, maxConcurrent - running));
  }

  /**
   * What {@code accepted} must be set to when a run resumes from a checkpoint, or else a burst of
   * rollouts would break the bound: exactly what the versions so far were trained on. Rollouts that
   * were waiting are lost with the run and are not counted.
   *
   * @param version the version of the checkpoint
   * @return rollouts
   * @throws IllegalArgumentException if the version is negative
   */
  public long acceptedAfterRestore(long version) {
    List<String> problems = new ArrayList<>();
    requireAtLeast("version", version, 0, problems);
    Require.none("staleness bound", problems);
    return version * batchSize;
  }

  private static void requireAtLeast(String name, long value, long least, List<String> problems) {
    if (value < least) {
      problems.add("%s is %d, expected at least %d".formatted(name, value, least));
    }
  }
}

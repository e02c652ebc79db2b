package dev.troupe.actors.reference;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.RewardScorer;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.List;

/** What the reference actor scores with. Used by one thread at a time, off the actor's thread. */
public interface FrozenModels extends AutoCloseable {

  /**
   * Takes up a version unless it is held, and lets go of all that are not listed.
   *
   * @param versions those that will be asked for now
   * @throws IllegalStateException if the weights that arrive do not have the digest of their
   *     version
   */
  void hold(List<PolicyVersion> versions);

  /**
   * Log-probabilities of the tokens of every rollout under one of the versions held.
   *
   * @param temperature at which the rollouts were sampled
   * @return for each group its rollouts in order, each as long as the rollout, nats
   */
  List<List<float[]>> logps(PolicyVersion version, List<Group> groups, double temperature);

  /**
   * Outputs of a reward model's head for every rollout.
   *
   * @param scorer its version, which is held, and what it reads
   * @return for each group its rollouts in order, each with one number for each output
   */
  List<List<float[]>> scores(RewardScorer scorer, List<Group> groups);

  /** Releases all weights. */
  @Override
  void close();
}

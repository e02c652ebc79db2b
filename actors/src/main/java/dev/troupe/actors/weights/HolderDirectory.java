package dev.troupe.actors.weights;

import dev.troupe.runtime.model.PolicyVersion;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Which nodes hold which versions, and where their weights can be fetched from. An exchange
 * announces here what its node holds and asks here whom to fetch from. Safe for use by several
 * threads.
 */
public interface HolderDirectory {

  /**
   * A node that has all the weights of a version.
   *
   * @param node name of the node, unique in the cluster
   * @param endpoint where its data plane is reached
   * @param isPublisher whether it published the version, rather than fetched it
   */
  record Holder(String node, String endpoint, boolean isPublisher) {}

  /**
   * Tells all nodes that this one holds a version.
   *
   * @param isPublisher whether it published the version: when it retracts it, the version is
   *     withdrawn everywhere
   */
  void announce(PolicyVersion version, boolean isPublisher);

  /** Tells all nodes that this one holds a version no more; unknown versions are ignored. */
  void retract(PolicyVersion version);

  /**
   * The other nodes that hold a version, its publisher first. Waits until there is one: word of a
   * version can arrive after the order to use it.
   *
   * @param patience how long to wait at most
   * @return empty if nobody held it until then
   */
  List<Holder> holders(PolicyVersion version, Duration patience) throws InterruptedException;

  /**
   * Calls back whenever a publisher withdraws a version; a publisher that is merely out of reach
   * does not. Called on the thread of an actor: return at once.
   */
  void onWithdrawn(Consumer<PolicyVersion> listener);
}

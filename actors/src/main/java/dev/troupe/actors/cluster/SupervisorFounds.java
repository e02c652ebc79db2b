package dev.troupe.actors.cluster;

import akka.actor.ActorSystem;
import akka.actor.Address;
import akka.cluster.Cluster;
import akka.management.cluster.bootstrap.ClusterBootstrapSettings;
import akka.management.cluster.bootstrap.JoinDecider;
import akka.management.cluster.bootstrap.JoinDecision;
import akka.management.cluster.bootstrap.JoinOtherSeedNodes;
import akka.management.cluster.bootstrap.JoinSelf;
import akka.management.cluster.bootstrap.KeepProbing;
import akka.management.cluster.bootstrap.SeedNodesInformation;
import akka.management.cluster.bootstrap.SeedNodesObservation;
import dev.troupe.actors.protocol.Role;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import scala.concurrent.Future;
import scala.jdk.javaapi.DurationConverters;

/**
 * Decides how a node without seed nodes comes into a cluster: it joins one that any other node
 * knows of; if there is none, the node of the supervisor founds one and the others wait for it. So
 * there is one cluster however many nodes start at once, and the supervisor's node is the oldest,
 * whose part goes on when the network breaks. Akka Management makes it by its name in {@code
 * troupe-cluster.conf}.
 */
public final class SupervisorFounds implements JoinDecider {
  /** How often the margin of discovery passes until nodes that do not answer are not waited for. */
  private static final int MARGINS = 3;

  private final Cluster cluster;
  private final Duration margin;

  /** Called by Akka Management. */
  public SupervisorFounds(ActorSystem system, ClusterBootstrapSettings settings) {
    this.cluster = Cluster.get(system);
    this.margin = DurationConverters.toJava(settings.contactPointDiscovery().stableMargin());
  }

  @Override
  public Future<JoinDecision> decide(SeedNodesInformation information) {
    Set<Address> seeds = new HashSet<>(information.getAllSeedNodes());
    seeds.remove(cluster.selfAddress());
    if (!seeds.isEmpty()) {
      return new JoinOtherSeedNodes(seeds).asCompletedFuture();
    }
    boolean mayFound =
        cluster.getSelfRoles().contains(Role.SUPERVISOR.toString()) && isSettled(information);
    return mayFound
        ? JoinSelf.getInstance().asCompletedFuture()
        : KeepProbing.getInstance().asCompletedFuture();
  }

  private boolean isSettled(SeedNodesInformation information) {
    Duration stable =
        Duration.between(information.contactPointsChangedAt(), information.currentTime());
    var answered =
        information.getSeedNodesObservations().stream()
            .map(SeedNodesObservation::contactPoint)
            .collect(Collectors.toSet());
    boolean isAnswered = answered.containsAll(information.getContactPoints());
    return stable.compareTo(isAnswered ? margin : margin.multipliedBy(MARGINS)) >= 0;
  }
}

package dev.troupe.actors.cluster;

import akka.actor.ActorSystem;
import akka.cluster.Cluster;
import akka.cluster.MemberStatus;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * What {@code /ready} of a node answers: whether the cluster has taken it in. Akka Management makes
 * it by its name in {@code troupe-cluster.conf}.
 */
public final class Readiness implements Supplier<CompletionStage<Boolean>> {
  private final Cluster cluster;

  /** Called by Akka Management. */
  public Readiness(ActorSystem system) {
    this.cluster = Cluster.get(system);
  }

  @Override
  public CompletionStage<Boolean> get() {
    MemberStatus status = cluster.selfMember().status();
    return CompletableFuture.completedFuture(status.equals(MemberStatus.up()));
  }
}

package dev.troupe.actors.cluster;

import akka.actor.typed.ActorSystem;
import akka.cluster.typed.ClusterSingleton;
import akka.cluster.typed.ClusterSingletonSettings;
import akka.cluster.typed.SingletonActor;
import akka.management.cluster.bootstrap.ClusterBootstrap;
import akka.management.javadsl.AkkaManagement;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.actors.node.Applicant;
import dev.troupe.actors.node.Cast;
import dev.troupe.actors.node.Node;
import dev.troupe.actors.node.Office;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.weights.HolderBook;
import dev.troupe.actors.weights.Holders;
import dev.troupe.runtime.deadline.SteadyClock;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Supplier;

/** Starts the actors of a node that belongs to a cluster. */
public final class ClusterSystem {
  private ClusterSystem() {}

  /**
   * Starts them; the node joins the cluster and applies to the supervisor.
   *
   * @param settings settled
   * @param driver directory of the media driver of the node
   * @param applicant who the node is
   * @param cast makes the actors of its roles
   * @param openings opens the run directory, when this node supervises
   * @param journal Akka's settings for the journal of the run
   * @param holders which node has which weights
   * @param listener is told how it goes
   */
  public static ActorSystem<Node.Command> start(
      NodeSettings settings,
      Path driver,
      Applicant applicant,
      Cast cast,
      Supplier<Office.Opening> openings,
      Config journal,
      HolderBook holders,
      Node.Listener listener) {
    Node.OfficeStart office =
        (context, consequence) ->
            ClusterSingleton.get(context.getSystem())
                .init(
                    SingletonActor.of(
                            Office.create(
                                openings,
                                SteadyClock.from(Clock.systemUTC()),
                                settings.patience(),
                                consequence),
                            "office")
                        .withStopMessage(new Office.Leave())
                        .withSettings(
                            ClusterSingletonSettings.create(context.getSystem())
                                .withRole(Role.SUPERVISOR.toString())));
    ActorSystem<Node.Command> system =
        ActorSystem.create(
            Node.create(
                applicant,
                cast,
                office,
                // First the cluster has to take the node in, then its supervisor.
                settings.patience().multipliedBy(2),
                listener,
                context -> {
                  context.spawn(Membership.create(settings, context.getSelf()), "membership");
                  context.spawn(Holders.create(holders), "holders");
                }),
            "troupe",
            ConfigFactory.load(AkkaSettings.of(settings, driver).withFallback(journal)));
    settings.management().ifPresent(management -> serve(system, management));
    return system;
  }

  private static void serve(ActorSystem<Node.Command> system, Management management) {
    AkkaManagement.get(system)
        .start()
        .whenComplete(
            (address, failure) -> {
              if (failure != null) {
                system.tell(
                    new Node.Unwanted(
                        "Health cannot be served at %s: %s; choose another port with --management."
                            .formatted(management.address(), failure.getMessage())));
              }
            });
    if (management.bootstrap().isPresent()) {
      ClusterBootstrap.get(system).start();
    }
  }
}

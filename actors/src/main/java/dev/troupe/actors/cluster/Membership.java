package dev.troupe.actors.cluster;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.SelfRemoved;
import akka.cluster.typed.SelfUp;
import akka.cluster.typed.Subscribe;
import dev.troupe.actors.node.Node;

/**
 * Watches over the membership of this node: says so if no cluster takes it in, or if the others
 * have given it up.
 */
final class Membership {
  private Membership() {}

  /** What it understands. */
  sealed interface Command permits Up, Removed, Impatient {}

  record Up() implements Command {}

  record Removed() implements Command {}

  record Impatient() implements Command {}

  static Behavior<Command> create(NodeSettings settings, ActorRef<Node.Command> node) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  var subscriptions = Cluster.get(context.getSystem()).subscriptions();
                  subscriptions.tell(
                      Subscribe.create(
                          context.messageAdapter(SelfUp.class, up -> new Up()), SelfUp.class));
                  subscriptions.tell(
                      Subscribe.create(
                          context.messageAdapter(SelfRemoved.class, gone -> new Removed()),
                          SelfRemoved.class));
                  timers.startSingleTimer(new Impatient(), settings.patience());
                  return Behaviors.receive(Command.class)
                      .onMessage(
                          Up.class,
                          up -> {
                            timers.cancel(new Impatient());
                            return Behaviors.same();
                          })
                      .onMessage(
                          Removed.class,
                          removed -> {
                            node.tell(new Node.Removed());
                            return Behaviors.stopped();
                          })
                      .onMessage(
                          Impatient.class,
                          impatient -> {
                            node.tell(new Node.Unwanted(noCluster(settings)));
                            return Behaviors.stopped();
                          })
                      .build();
                }));
  }

  private static String noCluster(NodeSettings settings) {
    long seconds = settings.patience().toSeconds();
    String sentence =
        settings
            .bootstrap()
            .map(
                way ->
                    "No cluster was found within %d s by way of %s; start the supervisor, whose node founds it, and see that each can reach the management port of the other."
                        .formatted(seconds, way))
            .orElseGet(
                () ->
                    "No node of a cluster answers at %s within %d s; start the supervisor there first, or give the address of a running node with --seed-nodes."
                        .formatted(
                            String.join(
                                ", ",
                                settings.seeds().stream().map(NodeAddress::toString).toList()),
                            seconds));
    return settings
        .tls()
        .map(
            tls ->
                sentence
                    + " Over TLS it answers only to nodes whose certificate the authority in %s has signed and that have a name in common with its own."
                        .formatted(tls.authority()))
        .orElse(sentence);
  }
}

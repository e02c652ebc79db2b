package dev.troupe.actors.simulation;

import akka.actor.ActorRef;
import akka.actor.ActorSystem;
import akka.dispatch.Envelope;
import akka.dispatch.MailboxType;
import akka.dispatch.MessageQueue;
import akka.dispatch.ProducesMessageQueue;
import akka.dispatch.UnboundedMessageQueueSemantics;
import com.typesafe.config.Config;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import scala.Option;

/** The messages that have arrived at an actor; what comes from another node arrives later. */
final class Arrivals implements MessageQueue, UnboundedMessageQueueSemantics {
  private final World world;
  private final Queue<Envelope> arrived = new ConcurrentLinkedQueue<>();

  private Arrivals(World world) {
    this.world = world;
  }

  @Override
  public void enqueue(ActorRef receiver, Envelope envelope) {
    if (world.isThere(receiver, envelope)) {
      arrived.add(envelope);
    }
  }

  @Override
  public Envelope dequeue() {
    Envelope next = arrived.poll();
    if (next != null) {
      world.taken(next.message());
    }
    return next;
  }

  @Override
  public int numberOfMessages() {
    return arrived.size();
  }

  @Override
  public boolean hasMessages() {
    return !arrived.isEmpty();
  }

  @Override
  public void cleanUp(ActorRef owner, MessageQueue deadLetters) {
    arrived.clear();
  }

  /** Makes mailboxes; made by Akka, by name. */
  public static final class Type implements MailboxType, ProducesMessageQueue<Arrivals> {
    private final World world;

    /** Called by Akka. */
    public Type(ActorSystem.Settings settings, Config config) {
      this.world = World.of(settings.config());
    }

    @Override
    public MessageQueue create(Option<ActorRef> owner, Option<ActorSystem> system) {
      return new Arrivals(world);
    }
  }
}

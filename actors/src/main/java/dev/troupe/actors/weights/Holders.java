package dev.troupe.actors.weights;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.runtime.model.PolicyVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells the same actor of every other node which versions this node holds: at every change, to
 * whoever is new, and again now and then, so that a lost message is made good. A word is always the
 * whole truth of its node; the newest one counts.
 */
public final class Holders extends AbstractBehavior<Holders.Command> {
  /** Where the holders of all nodes meet. */
  public static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "weights-holders");

  private static final Duration AGAIN = Duration.ofSeconds(2);

  /** What it understands. */
  public sealed interface Command permits Told, Listed, Changed, Repeat {}

  /** Another node's word. */
  public record Told(Holds word, ActorRef<Command> from) implements Command, WireMessage {}

  record Listed(Set<ActorRef<Command>> all) implements Command {}

  record Changed() implements Command {}

  record Repeat() implements Command {}

  /** A version and whether its holder published it. */
  public record Held(PolicyVersion version, boolean isPublisher) {}

  /**
   * All that a node holds.
   *
   * @param node its name
   * @param endpoint where its data plane is reached
   * @param edition grows with every change; the word of a lower one is out of date
   * @param versions what it holds
   */
  public record Holds(String node, String endpoint, long edition, List<Held> versions) {
    /** Copies the list. */
    public Holds {
      versions = List.copyOf(versions);
    }
  }

  private final HolderBook book;
  private final Map<ActorRef<Command>, String> nodes = new HashMap<>();
  private Set<ActorRef<Command>> others = Set.of();

  /**
   * Registers itself under {@link #KEY}.
   *
   * @param book what this node holds and knows
   */
  public static Behavior<Command> create(HolderBook book) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Holders(context, timers, book)));
  }

  private Holders(ActorContext<Command> context, TimerScheduler<Command> timers, HolderBook book) {
    super(context);
    this.book = book;
    ActorRef<Command> self = context.getSelf();
    book.whenChanged(() -> self.tell(new Changed()));
    var receptionist = context.getSystem().receptionist();
    receptionist.tell(Receptionist.register(KEY, self));
    receptionist.tell(
        Receptionist.subscribe(
            KEY,
            context.messageAdapter(
                Receptionist.Listing.class,
                listing -> new Listed(listing.getServiceInstances(KEY)))));
    timers.startTimerWithFixedDelay(new Repeat(), AGAIN);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Told.class, this::onTold)
        .onMessage(Listed.class, this::onListed)
        .onMessage(Changed.class, changed -> speak())
        .onMessage(Repeat.class, repeat -> speak())
        .build();
  }

  private Behavior<Command> onTold(Told told) {
    nodes.put(told.from(), told.word().node());
    book.note(told.word());
    return this;
  }

  private Behavior<Command> onListed(Listed listed) {
    others =
        listed.all().stream()
            .filter(other -> !other.equals(getContext().getSelf()))
            .collect(Collectors.toUnmodifiableSet());
    nodes.keySet().retainAll(others);
    book.retain(nodes.values());
    return speak();
  }

  private Behavior<Command> speak() {
    var word = new Told(book.word(), getContext().getSelf());
    others.forEach(other -> other.tell(word));
    return this;
  }
}

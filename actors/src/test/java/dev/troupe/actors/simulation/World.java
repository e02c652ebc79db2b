package dev.troupe.actors.simulation;

import akka.actor.ActorPath;
import akka.actor.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.dispatch.Envelope;
import akka.dispatch.Mailbox;
import akka.persistence.testkit.PersistenceTestKitPlugin;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * An actor system whose actors live on simulated nodes: what is spawned below {@code /user/NAME} is
 * on node NAME. Messages between nodes go through the {@link Network}; all actors share the thread
 * that lets time pass.
 */
final class World implements AutoCloseable {
  private static final Map<String, World> WORLDS = new ConcurrentHashMap<>();
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final String KEY = "troupe-simulation-world";
  private static final String NOWHERE = "";

  private final String id = "world-" + COUNT.incrementAndGet();
  private final VirtualTime time = new VirtualTime();
  private final Network network;
  private final Trace trace = new Trace();
  private final Map<String, Queue<Runnable>> frozen = new HashMap<>();
  private final Map<String, akka.actor.typed.ActorRef<?>> nodes = new HashMap<>();
  private final ActorSystem<Consumer<ActorContext<?>>> system;

  /** Node of the actor that runs now; nowhere while none does. */
  private String here = NOWHERE;

  /** What the actor that runs now was told last. */
  private Object message;

  private boolean isArriving;

  World(long seed) {
    this.network = new Network(seed, time);
    WORLDS.put(id, this);
    Config config = config(id);
    CompletableFuture<ActorSystem<Consumer<ActorContext<?>>>> creation =
        CompletableFuture.supplyAsync(() -> ActorSystem.create(guardian(), "simulation", config));
    while (!creation.isDone()) {
      time.settle();
      Thread.onSpinWait();
    }
    this.system = creation.getNow(null);
    time.settle();
  }

  static World of(Config config) {
    return WORLDS.get(config.getString(KEY));
  }

  private static Config config(String id) {
    return ConfigFactory.parseMap(
            Map.of(
                KEY,
                id,
                "akka.scheduler.implementation",
                VirtualTime.Scheduler.class.getName(),
                "akka.actor.default-dispatcher.executor",
                Dispatch.class.getName(),
                "akka.actor.internal-dispatcher.executor",
                Dispatch.class.getName(),
                "akka.actor.typed.default-mailbox.mailbox-type",
                Arrivals.Type.class.getName(),
                "akka.log-dead-letters",
                "off",
                "akka.loggers",
                List.of(),
                "akka.jvm-shutdown-hooks",
                "off"))
        .withFallback(PersistenceTestKitPlugin.config())
        .withFallback(ConfigFactory.parseResources("troupe-akka.conf"))
        .withFallback(ConfigFactory.load());
  }

  private static Behavior<Consumer<ActorContext<?>>> guardian() {
    return Behaviors.receive(
        (context, order) -> {
          order.accept(context);
          return Behaviors.same();
        });
  }

  VirtualTime time() {
    return time;
  }

  Network network() {
    return network;
  }

  Trace trace() {
    return trace;
  }

  /** What the actor was told that asks now. */
  Object message() {
    return message;
  }

  /** Starts a node whose actors are spawned by what is given. */
  void start(String node, Consumer<ActorContext<Void>> actors) {
    system.tell(
        context ->
            nodes.put(
                node,
                context.spawn(
                    Behaviors.<Void>setup(
                        inner -> {
                          actors.accept(inner);
                          return Behaviors.empty();
                        }),
                    node)));
    time.settle();
  }

  /** Ends a node at once, as {@code kill -9} does: nothing that it sends from now on arrives. */
  void kill(String node) {
    network.cut(node);
    thaw(node);
    akka.actor.typed.ActorRef<?> actor = nodes.remove(node);
    system.tell(context -> context.stop(actor));
    time.settle();
  }

  /** Halts the actors of a node, as {@code SIGSTOP} does. */
  void freeze(String node) {
    frozen.computeIfAbsent(node, it -> new ArrayDeque<>());
  }

  /** Lets a halted node go on. */
  void thaw(String node) {
    Queue<Runnable> held = frozen.remove(node);
    if (held != null) {
      held.forEach(time::ready);
    }
  }

  boolean isThere(String node) {
    return nodes.containsKey(node);
  }

  /** Runs a task of a node's engine: not while the node is halted, and never when it is gone. */
  void onNode(String node, Runnable task) {
    Queue<Runnable> held = frozen.get(node);
    if (held != null) {
      held.add(() -> onNode(node, task));
    } else if (isThere(node)) {
      outside(task);
    }
  }

  /** Runs a task that no actor runs. */
  void outside(Runnable task) {
    here = NOWHERE;
    message = null;
    task.run();
  }

  /** Runs a task of Akka's, most often a mailbox, on the thread that lets time pass. */
  void execute(Runnable task) {
    String node = task instanceof Mailbox mailbox ? node(mailbox.actor().self()) : NOWHERE;
    time.ready(
        () -> {
          Queue<Runnable> held = frozen.get(node);
          if (held != null) {
            held.add(() -> run(node, task));
          } else {
            run(node, task);
          }
        });
  }

  private void run(String node, Runnable task) {
    here = node;
    message = null;
    task.run();
    here = NOWHERE;
    message = null;
  }

  /** Whether a message that is told now is there now; if not, the network brings it. */
  boolean isThere(ActorRef receiver, Envelope envelope) {
    String node = node(receiver);
    if (isArriving || here.isEmpty() || node.isEmpty() || node.equals(here)) {
      return true;
    }
    String sender = here;
    for (Duration delay : network.delays(sender, node, envelope.message())) {
      time.after(delay, () -> outside(() -> arrive(sender, node, receiver, envelope)));
    }
    return false;
  }

  private void arrive(String sender, String node, ActorRef receiver, Envelope envelope) {
    if (network.isCut(sender, node)) {
      return;
    }
    trace.add(time.now(), receiver.path(), envelope.message());
    isArriving = true;
    receiver.tell(envelope.message(), envelope.sender());
    isArriving = false;
  }

  /** Takes note of what the actor that runs now was told. */
  void taken(Object told) {
    message = told;
  }

  private static String node(ActorRef actor) {
    ActorPath path = actor.path();
    ActorPath parent = path.parent();
    while (!parent.equals(parent.root()) && !parent.parent().equals(parent.root())) {
      path = parent;
      parent = parent.parent();
    }
    return parent.name().equals("user") ? path.name() : NOWHERE;
  }

  @Override
  public void close() {
    system.terminate();
    time.passUntil(() -> system.whenTerminated().isCompleted(), Duration.ofMinutes(1));
    WORLDS.remove(id);
  }
}

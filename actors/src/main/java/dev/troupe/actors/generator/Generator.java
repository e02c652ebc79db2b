package dev.troupe.actors.generator;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.fence.Fence;
import dev.troupe.actors.fence.Holding;
import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.HarvestPart;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.model.PolicyVersion;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Decodes work units, one at a time, and hands the groups to the experience that the unit came
 * with.
 *
 * <p>It asks for work by showing the version it holds, with the digest it computed itself. It never
 * decodes a unit of another version, whoever sends it. It repeats what it asks until it is
 * answered: the number of the ask tells whether an answer is to this one, and one ask has one
 * answer.
 */
public final class Generator extends AbstractBehavior<Generator.Command> {
  private static final Duration AGAIN = Duration.ofSeconds(2);

  /** Where doubling the pause between two repetitions of a question ends. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(16);

  /** Rounds of {@link #AGAIN} after which an experience that does not answer is given up. */
  private static final int MOST_DELIVERIES = 10;

  /** What a generator understands. */
  public sealed interface Command 
      permits Grant, Adopt, Received, Retire, Adopted, Decoded, Repeat {}

  /**
   * A unit to decode with the version held.
   *
   * @param ask the ask that this answers
   * @param experience where the groups go
   */
  public record Grant(long ask, WorkUnit unit, ActorRef<Experience.Command> experience)
      implements Command, WireMessage {}

  /**
   * A version to take up before there can be work.
   *
   * @param ask the ask that this answers
   */
  public record Adopt(long ask, PolicyVersion version) implements Command, WireMessage {}

  /** The experience has all groups of a unit. */
  public record Received(UnitId unit) implements Command, WireMessage {}

  /**
   * Asks it to finish what it has in work, to hand that over, and to take no more.
   *
   * @param replyTo told when it has done so
   */
  public record Retire(ActorRef<Done> replyTo) implements Command {}

  record Adopted(PolicyVersion version, String digest, Throwable failure) implements Command {}

  record Decoded(Grant grant, Harvest harvest, Throwable failure) implements Command {}

  record Repeat() implements Command {}

  /** Groups on their way to an experience. */
  private record Delivery(Harvest harvest, ActorRef<Experience.Command> experience) {}

  private final String name;
  private final ActorRef<SupervisorCommand> supervisor;
  private final Decoder decoder;
  private final Executor executor;
  private final AtomicLong asks;
  private final TimerScheduler<Command> timers;
  private Holding holding;
  private UnitId finished;
  private Delivery delivery;
  private int deliveries;
  private Duration pause = AGAIN;

  /** Who wants it to take no more work; null for nobody. */
  private ActorRef<Done> retiring;

  /**
   * Asks for work at once.
   *
   * @param name unique among the generators, kept over restarts
   * @param supervisor gives work
   * @param decoders opens a decoder; called again after a restart
   * @param executor runs the native work, one task of this generator at a time
   */
  public static Behavior<Command> create(
      String name,
      ActorRef<SupervisorCommand> supervisor,
      Supplier<Decoder> decoders,
      Executor executor) {
    var asks = new AtomicLong(); // Counts on after a restart.
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Generator(
                        context, timers, name, supervisor, decoders.get(), executor, asks)));
  }

  private Generator(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      String name,
      ActorRef<SupervisorCommand> supervisor,
      Decoder decoder,
      Executor executor,
      AtomicLong asks) {
    super(context);
    this.name = name;
    this.supervisor = supervisor;
    this.decoder = decoder;
    this.executor = executor;
    this.asks = asks;
    this.holding = Holding.nothing(Fence.STRICT, asks.get());
    this.timers = timers;
    requestWork();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Grant.class, this::onGrant)
        .onMessage(Adopt.class, this::onAdopt)
        .onMessage(Received.class, this::onReceived)
        .onMessage(Retire.class, this::onRetire)
        .onMessage(Adopted.class, this::onAdopted)
        .onMessage(Decoded.class, this::onDecoded)
        .onMessage(Repeat.class, this::onRepeat)
        .onSignal(PreRestart.class, signal -> release())
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onGrant(Grant grant) {
    if (!holding.isAnsweredBy(grant.ask())) {
      return this;
    }
    holding = holding.answered();
    WorkUnit unit = grant.unit();
    if (!holding.mayDecode(unit.policy())) {
      String cause = name + " holds policy version " + holding.held() + ", not " + unit.policy();
      supervisor.tell(new SupervisorCommand.UnitLost(unit.id(), name, cause));
      requestWork();
      return this;
    }
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(() -> decode(unit), executor),
            (harvest, failure) -> new Decoded(grant, harvest, failure));
    return this;
  }

  private Harvest decode(WorkUnit unit) {
    long begin = System.nanoTime();
    var groups = decoder.decode(unit, name);
    return new Harvest(unit, groups, System.nanoTime() - begin);
  }

  private Behavior<Command> onAdopt(Adopt adopt) {
    PolicyVersion version = adopt.version();
    if (!holding.isAnsweredBy(adopt.ask()) || !holding.mayTakeUp(version)) {
      return this; // Whoever is in charge by now answers the question too.
    }
    holding = holding.answered().takingUp(version);
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(() -> decoder.adopt(version), executor),
            (digest, failure) -> new Adopted(version, digest, failure));
    return this;
  }

  private Behavior<Command> onAdopted(Adopted adopted) {
    PolicyVersion version = adopted.version();
    if (adopted.failure() != null) {
      throw fail("could not take up policy version " + version, adopted.failure());
    }
    holding = holding.proved(version, adopted.digest());
    requestWork();
    return this;
  }

  private Behavior<Command> onDecoded(Decoded decoded) {
    UnitId unit = decoded.grant().unit().id();
    if (decoded.failure() != null) {
      IllegalStateException failure = fail("could not decode " + unit, decoded.failure());
      supervisor.tell(new SupervisorCommand.UnitLost(unit, name, failure.getMessage()));
      throw failure;
    }
    delivery = new Delivery(decoded.harvest(), decoded.grant().experience());
    deliveries = 0;
    deliver();
    return this;
  }

  private void deliver() {
    timers.startSingleTimer(new Repeat(), AGAIN);
    delivery
        .harvest()
        .parts(HarvestPart.MOST_TOKENS)
        .forEach(
            part ->
                delivery
                    .experience()
                    .tell(new Experience.GroupsDecoded(part, getContext().getSelf())));
  }

  private Behavior<Command> onReceived(Received received) {
    if (delivery != null && delivery.harvest().unit().id().equals(received.unit())) {
      delivery = null;
      finished = received.unit();
      requestWork();
    }
    return this;
  }

  private Behavior<Command> onRetire(Retire retire) {
    retiring = retire.replyTo();
    if (holding.isAsking()) {
      leave();
    }
    return this;
  }

  /** Work that was given meanwhile is not begun; the supervisor takes it back. */
  private void leave() {
    holding = holding.answered();
    timers.cancelAll();
    supervisor.tell(new SupervisorCommand.Retired(name, finished));
    retiring.tell(Done.getInstance());
  }

  private Behavior<Command> onRepeat(Repeat repeat) {
    if (holding.isAsking()) {
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
              ? LONGEST_PAUSE
              : pause.multipliedBy(2);
      ask();
    } else if (delivery != null && ++deliveries < MOST_DELIVERIES) {
      deliver();
    } else if (delivery != null) {
      UnitId unit = delivery.harvest().unit().id();
      delivery = null;
      supervisor.tell(new SupervisorCommand.UnitStranded(unit, name));
      requestWork();
    }
    return this;
  }

  private void requestWork() {
    if (retiring != null) {
      leave();
      return;
    }
    holding = holding.asking();
    asks.set(holding.ask());
    pause = AGAIN;
    ask();
  }

  private void ask() {
    timers.startSingleTimer(new Repeat(), pause);
    supervisor.tell(
        new SupervisorCommand.RequestWork(
            name, getContext().getSelf(), holding.ask(), holding.held(), finished));
  }

  /** What cannot be mended by a restart ends the run; the rest ends this incarnation. */
  private IllegalStateException fail(String what, Throwable thrown) {
    Throwable cause = Failure.unwrapped(thrown);
    Remedy remedy = Failure.isForPeople(cause) ? Remedy.STOP : Remedy.REGRANT;
    String sentence = Failure.sentence(cause);
    supervisor.tell(
        new SupervisorCommand.RoleFailed(
            name, remedy == Remedy.STOP ? sentence : name + " " + what + ": " + sentence, remedy));
    return new IllegalStateException(name + " " + what + ": " + sentence, cause);
  }

  private Behavior<Command> release() {
    // Native work may still run: the decoder is closed behind it, on the same thread.
    executor.execute(decoder::close);
    return this;
  }
}

package dev.troupe.actors.generator;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Decodes work units, one at a time, and sends the groups to reward, reference and experience.
 *
 * <p>It asks for work by showing the version it holds, with the digest it computed itself. It never
 * decodes a unit of another version, whoever sends it.
 */
public final class Generator extends AbstractBehavior<Generator.Command> {

  /** What a generator understands. */
  public sealed interface Command permits Grant, Adopt, Adopted, Decoded {}

  /** A unit to decode with the version held. */
  public record Grant(WorkUnit unit) implements Command {}

  /** A version to take up before there can be work. */
  public record Adopt(PolicyVersion version) implements Command {}

  record Adopted(PolicyVersion version, String digest, Throwable failure) implements Command {}

  record Decoded(WorkUnit unit, Harvest harvest, Throwable failure) implements Command {}

  /**
   * Those to whom a generator talks.
   *
   * @param supervisor gives work
   * @param reward gets every group
   * @param reference gets the groups that a frozen model must score
   * @param experience gets every group
   */
  public record Company(
      ActorRef<SupervisorCommand> supervisor,
      ActorRef<Reward.Command> reward,
      ActorRef<Reference.Command> reference,
      ActorRef<Experience.Command> experience) {}

  private final String name;
  private final Company company;
  private final Decoder decoder;
  private final Executor executor;
  private PolicyVersion held;
  private UnitId finished;

  /**
   * Asks for work at once.
   *
   * @param name unique among the generators, kept over restarts
   * @param decoders opens a decoder; called again after a restart
   * @param executor runs the native work, one task of this generator at a time
   */
  public static Behavior<Command> create(
      String name, Company company, Supplier<Decoder> decoders, Executor executor) {
    return Behaviors.setup(
        context -> new Generator(context, name, company, decoders.get(), executor));
  }

  private Generator(
      ActorContext<Command> context,
      String name,
      Company company,
      Decoder decoder,
      Executor executor) {
    super(context);
    this.name = name;
    this.company = company;
    this.decoder = decoder;
    this.executor = executor;
    requestWork();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Grant.class, this::onGrant)
        .onMessage(Adopt.class, this::onAdopt)
        .onMessage(Adopted.class, this::onAdopted)
        .onMessage(Decoded.class, this::onDecoded)
        .onSignal(PreRestart.class, signal -> release())
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onGrant(Grant grant) {
    WorkUnit unit = grant.unit();
    if (!unit.policy().equals(held)) {
      String cause = name + " holds policy version " + held + ", not " + unit.policy();
      company.supervisor().tell(new SupervisorCommand.UnitLost(unit.id(), name, cause));
      requestWork();
      return this;
    }
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(() -> decode(unit), executor),
            (harvest, failure) -> new Decoded(unit, harvest, failure));
    return this;
  }

  private Harvest decode(WorkUnit unit) {
    long begin = System.nanoTime();
    var groups = decoder.decode(unit, name);
    return new Harvest(unit, groups, System.nanoTime() - begin);
  }

  private Behavior<Command> onAdopt(Adopt adopt) {
    held = null; // Until it is proved, nothing is held.
    PolicyVersion version = adopt.version();
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
    held = new PolicyVersion(version.epoch(), version.number(), adopted.digest());
    requestWork();
    return this;
  }

  private Behavior<Command> onDecoded(Decoded decoded) {
    UnitId unit = decoded.unit().id();
    if (decoded.failure() != null) {
      IllegalStateException failure = fail("could not decode " + unit, decoded.failure());
      company.supervisor().tell(new SupervisorCommand.UnitLost(unit, name, failure.getMessage()));
      throw failure;
    }
    Harvest harvest = decoded.harvest();
    company.experience().tell(new Experience.GroupsDecoded(harvest));
    company.reward().tell(new Reward.Score(harvest));
    if (!decoded.unit().scoring().isEmpty()) {
      company.reference().tell(new Reference.Score(harvest));
    }
    finished = unit;
    requestWork();
    return this;
  }

  private void requestWork() {
    company
        .supervisor()
        .tell(new SupervisorCommand.RequestWork(name, getContext().getSelf(), held, finished));
  }

  /** What cannot be mended by a restart ends the run; the rest ends this incarnation. */
  private IllegalStateException fail(String what, Throwable thrown) {
    Throwable cause = Failure.unwrapped(thrown);
    Remedy remedy = Failure.isForPeople(cause) ? Remedy.STOP : Remedy.REGRANT;
    String sentence = Failure.sentence(cause);
    company
        .supervisor()
        .tell(
            new SupervisorCommand.RoleFailed(
                name,
                remedy == Remedy.STOP ? sentence : name + " " + what + ": " + sentence,
                remedy));
    return new IllegalStateException(name + " " + what + ": " + sentence, cause);
  }

  private Behavior<Command> release() {
    // Native work may still run: the decoder is closed behind it, on the same thread.
    executor.execute(decoder::close);
    return this;
  }
}

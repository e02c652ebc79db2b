package dev.troupe.actors.reference;

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
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Scores the groups of one unit at a time with the frozen models that their tickets name and sends
 * the log-probabilities to the experience. A unit is scored as a whole, so results do not depend on
 * what else is waiting.
 */
public final class Reference extends AbstractBehavior<Reference.Command> {
  private static final String NAME = "reference";

  /** What the reference actor understands. */
  public sealed interface Command permits Score, UnitScored {}

  /** The groups of one unit, to be scored. */
  public record Score(Harvest harvest) implements Command {}

  record UnitScored(Harvest harvest, List<ReferencePart> parts, Throwable failure)
      implements Command {}

  private final ActorRef<Experience.Command> experience;
  private final ActorRef<SupervisorCommand> supervisor;
  private final FrozenModels models;
  private final Executor executor;
  private final Queue<Harvest> waiting = new ArrayDeque<>();
  private boolean isScoring;

  /**
   * @param experience gets the log-probabilities
   * @param supervisor is told of failures
   * @param models opens the models; called again after a restart
   * @param executor runs the native work, one task of this actor at a time
   */
  public static Behavior<Command> create(
      ActorRef<Experience.Command> experience,
      ActorRef<SupervisorCommand> supervisor,
      Supplier<FrozenModels> models,
      Executor executor) {
    return Behaviors.setup(
        context -> new Reference(context, experience, supervisor, models.get(), executor));
  }

  private Reference(
      ActorContext<Command> context,
      ActorRef<Experience.Command> experience,
      ActorRef<SupervisorCommand> supervisor,
      FrozenModels models,
      Executor executor) {
    super(context);
    this.experience = experience;
    this.supervisor = supervisor;
    this.models = models;
    this.executor = executor;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Score.class, this::onScore)
        .onMessage(UnitScored.class, this::onUnitScored)
        .onSignal(PreRestart.class, signal -> release())
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onScore(Score score) {
    waiting.add(score.harvest());
    scoreNext();
    return this;
  }

  private Behavior<Command> onUnitScored(UnitScored scored) {
    isScoring = false;
    if (scored.failure() != null) {
      throw fail(scored);
    }
    experience.tell(new Experience.GroupReferenced(scored.parts()));
    scoreNext();
    return this;
  }

  private void scoreNext() {
    if (isScoring || waiting.isEmpty()) {
      return;
    }
    isScoring = true;
    Harvest harvest = waiting.remove();
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(() -> score(harvest), executor),
            (parts, failure) -> new UnitScored(harvest, parts, failure));
  }

  private List<ReferencePart> score(Harvest harvest) {
    long begin = System.nanoTime();
    ScoringModels asked = harvest.unit().scoring();
    List<Group> groups = harvest.groups();
    double temperature = harvest.unit().sampling().temperature();
    models.hold(asked.distinct());
    Map<PolicyVersion, List<List<float[]>>> logps = new HashMap<>();
    for (PolicyVersion version : asked.readers()) {
      logps.put(version, models.logps(version, groups, temperature));
    }
    List<List<float[]>> scores =
        asked.reward() == null ? null : models.scores(asked.reward(), groups);
    long share = (System.nanoTime() - begin) / groups.size();
    var parts = new ArrayList<ReferencePart>(groups.size());
    for (int i = 0; i < groups.size(); i++) {
      parts.add(
          new ReferencePart(
              groups.get(i).ticket().id(),
              asked,
              rows(logps, asked.reference(), i),
              rows(logps, asked.shaping(), i),
              rows(logps, asked.shapingBase(), i),
              scores == null ? null : scores.get(i),
              share));
    }
    return parts;
  }

  private static List<float[]> rows(
      Map<PolicyVersion, List<List<float[]>>> logps, PolicyVersion version, int group) {
    return version == null ? null : logps.get(version).get(group);
  }

  /** The restart forgets what was waiting, so these units are lost too. */
  private IllegalStateException fail(UnitScored scored) {
    Throwable cause = Failure.unwrapped(scored.failure());
    String sentence = Failure.sentence(cause);
    Remedy remedy = Failure.isForPeople(cause) ? Remedy.STOP : Remedy.REGRANT;
    String loss = "the frozen models could not score it: " + sentence;
    supervisor.tell(new SupervisorCommand.RoleFailed(NAME, sentence, remedy));
    supervisor.tell(new SupervisorCommand.UnitUnscored(scored.harvest().unit().id(), loss));
    for (Harvest lost : waiting) {
      supervisor.tell(
          new SupervisorCommand.UnitUnscored(
              lost.unit().id(), "the reference actor was started again"));
    }
    return new IllegalStateException(scored.harvest().unit().id() + ": " + loss, cause);
  }

  private Behavior<Command> release() {
    executor.execute(models::close);
    return this;
  }
}

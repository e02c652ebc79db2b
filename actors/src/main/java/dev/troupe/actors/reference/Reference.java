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
import dev.troupe.actors.protocol.Assembly;
import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.HarvestPart;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.actors.supervisor.Remedy;
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

  /** What the reference actor understands. */
  public sealed interface Command permits Score, UnitScored {}

  /**
   * Groups of one unit; once all of them are there, the unit is scored. Asking again while it waits
   * or is being scored is harmless.
   */
  public record Score(HarvestPart part, ActorRef<Experience.Command> replyTo)
      implements Command, WireMessage {}

  record UnitScored(Task task, List<ReferencePart> parts, Throwable failure) implements Command {}

  /** A unit to score and who wants to know. */
  record Task(Harvest harvest, ActorRef<Experience.Command> replyTo) {
    UnitId unit() {
      return harvest.unit().id();
    }
  }

  private final FrozenModels models;
  private final Executor executor;
  private final Assembly assembly = new Assembly();
  private final Queue<Task> waiting = new ArrayDeque<>();
  private Task current;

  /**
   * @param models opens the models; called again after a restart
   * @param executor runs the native work, one task of this actor at a time
   */
  public static Behavior<Command> create(Supplier<FrozenModels> models, Executor executor) {
    return Behaviors.setup(context -> new Reference(context, models.get(), executor));
  }

  private Reference(ActorContext<Command> context, FrozenModels models, Executor executor) {
    super(context);
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
    UnitId unit = score.part().unit().id();
    boolean isKnown =
        (current != null && current.unit().equals(unit))
            || waiting.stream().anyMatch(task -> task.unit().equals(unit));
    if (!isKnown) {
      assembly
          .add(score.part())
          .ifPresent(harvest -> waiting.add(new Task(harvest, score.replyTo())));
      scoreNext();
    }
    return this;
  }

  private Behavior<Command> onUnitScored(UnitScored scored) {
    current = null;
    if (scored.failure() != null) {
      throw fail(scored);
    }
    Task task = scored.task();
    for (ReferencePart part : scored.parts()) {
      task.replyTo().tell(new Experience.GroupReferenced(task.unit(), part));
    }
    scoreNext();
    return this;
  }

  private void scoreNext() {
    if (current != null || waiting.isEmpty()) {
      return;
    }
    Task task = waiting.remove();
    current = task;
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(() -> score(task.harvest()), executor),
            (parts, failure) -> new UnitScored(task, parts, failure));
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

  /** The restart forgets what was waiting, so these units are given back. */
  private IllegalStateException fail(UnitScored scored) {
    Throwable cause = Failure.unwrapped(scored.failure());
    String sentence = Failure.sentence(cause);
    Remedy remedy = Failure.isForPeople(cause) ? Remedy.STOP : Remedy.REGRANT;
    Task task = scored.task();
    task.replyTo().tell(new Experience.Unscored(task.unit(), sentence, remedy));
    for (Task other : waiting) {
      other.replyTo().tell(new Experience.GivenBack(other.unit()));
    }
    return new IllegalStateException(
        task.unit() + ": the frozen models could not score it: " + sentence, cause);
  }

  private Behavior<Command> release() {
    executor.execute(models::close);
    return this;
  }
}

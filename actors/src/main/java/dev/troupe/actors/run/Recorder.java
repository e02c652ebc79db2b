package dev.troupe.actors.run;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes down what happens, in the order in which it is told. Runs on a dispatcher for blocking
 * work: the disk is its business and nobody else's.
 */
public final class Recorder extends AbstractBehavior<Recorder.Command> {

  /** What the recorder understands. */
  public sealed interface Command
      permits StageBegun, StepDone, StageDone, CompletionTaken, EvaluationDone, Warned, RunEnded {}

  /** A stage was opened; the step of the versions is the number of steps already done. */
  public record StageBegun(StagePlan stage, VersionSet inForce) implements Command {}

  /**
   * A step was trained.
   *
   * @param stepsDone steps of the stage done with it
   * @param values what was measured, by metric name
   * @param seconds wall time of the step
   * @param replyTo is told once the step is on disk, or that it cannot be written
   */
  public record StepDone(
      StagePlan stage,
      long stepsDone,
      Map<String, Double> values,
      double seconds,
      ActorRef<SupervisorCommand> replyTo)
      implements Command {
    /** Copies the values, keeping their order. */
    public StepDone {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
  }

  /** A stage is done, with the versions it ended with. */
  public record StageDone(StagePlan stage, VersionSet inForce) implements Command {}

  /**
   * A group of an evaluation, for people to read.
   *
   * @param replyTo is told that it arrived; showing it twice is harmless
   */
  public record CompletionTaken(ScoredGroup group, ActorRef<Experience.Command> replyTo)
      implements Command, WireMessage {}

  /** All groups of an evaluation are scored. */
  public record EvaluationDone(StagePlan stage, List<GroupFacts> facts) implements Command {
    /** Copies the list. */
    public EvaluationDone {
      facts = List.copyOf(facts);
    }
  }

  /** Something went wrong that the run survives. */
  public record Warned(String sentence) implements Command {}

  /** The run is over: everything is written out, then the owner is told. */
  public record RunEnded(RunOutcome outcome, ActorRef<RunOutcome> owner) implements Command {}

  private static final String NAME = "recorder";

  private final RunRecords records;
  private final Set<String> measured = new HashSet<>();
  private Optional<String> broken = Optional.empty();

  /**
   * @param records does the writing; closed with this actor
   */
  public static Behavior<Command> create(RunRecords records) {
    return Behaviors.setup(context -> new Recorder(context, records));
  }

  private Recorder(ActorContext<Command> context, RunRecords records) {
    super(context);
    this.records = records;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(StageBegun.class, this::onStageBegun)
        .onMessage(StepDone.class, this::onStepDone)
        .onMessage(StageDone.class, this::onStageDone)
        .onMessage(CompletionTaken.class, this::onCompletionTaken)
        .onMessage(EvaluationDone.class, this::onEvaluationDone)
        .onMessage(Warned.class, this::onWarned)
        .onMessage(RunEnded.class, this::onRunEnded)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onStageBegun(StageBegun begun) {
    write(() -> records.beginStage(begun.stage(), begun.inForce().step()));
    return this;
  }

  private Behavior<Command> onStepDone(StepDone done) {
    write(() -> records.addStep(done.stage(), done.stepsDone(), done.values(), done.seconds()));
    done.replyTo()
        .tell(
            broken.isPresent()
                ? new SupervisorCommand.RoleFailed(NAME, broken.get(), Remedy.STOP)
                : new SupervisorCommand.StepRecorded(done.stage().name(), done.stepsDone()));
    return this;
  }

  private Behavior<Command> onStageDone(StageDone done) {
    write(() -> records.endStage(done.stage()));
    // A stage that goes back to its checkpoint is measured again.
    measured.removeIf(phase -> phase.startsWith(done.stage().name() + ":"));
    return this;
  }

  private Behavior<Command> onCompletionTaken(CompletionTaken taken) {
    // One that comes again after its evaluation is over must not get into the next one.
    if (!measured.contains(taken.group().ticket().id().phase())) {
      write(() -> records.addCompletion(taken.group()));
    }
    taken.replyTo().tell(new Experience.Shown(taken.group().ticket().id()));
    return this;
  }

  private Behavior<Command> onEvaluationDone(EvaluationDone done) {
    write(() -> records.addEvaluation(done.stage(), done.facts()));
    done.facts().forEach(group -> measured.add(group.ticket().phase()));
    return this;
  }

  private Behavior<Command> onWarned(Warned warned) {
    records.warn(warned.sentence());
    return this;
  }

  /** Whatever became of the records, the owner learns how the run ended. */
  private Behavior<Command> onRunEnded(RunEnded ended) {
    write(() -> records.report(ended.outcome()));
    RunOutcome outcome =
        ended.outcome() instanceof RunOutcome.Stopped
            ? ended.outcome()
            : broken.<RunOutcome>map(RunOutcome.Stopped::new).orElseGet(ended::outcome);
    records.tell(outcome);
    ended.owner().tell(outcome);
    return this;
  }

  /** Writes unless writing failed before: what follows a gap would tell another story. */
  private void write(Runnable writing) {
    if (broken.isPresent()) {
      return;
    }
    try {
      writing.run();
    } catch (RuntimeException e) {
      getContext().getLog().error("the records cannot be written", e);
      broken = Optional.of("The records of the run cannot be written: " + Failure.sentence(e));
    }
  }

  private Behavior<Command> onPostStop() {
    records.close();
    return this;
  }
}

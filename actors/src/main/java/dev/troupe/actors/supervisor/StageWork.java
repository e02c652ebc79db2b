package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.journal.Decision;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.runtime.record.Metric;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * The way of one stage: the learner opens it; the tickets of a step are planned as soon as the
 * policy version they are bound to is published; when the groups of the next step are complete the
 * learner trains on them; after the last step it closes the stage. Plain state of the supervisor,
 * no actor.
 */
final class StageWork {

  private final StagePlan stage;
  private final Company company;
  private final Optional<Gathering> gathering;
  private final Versions versions = new Versions();
  private final Map<Long, Integer> recalled = new HashMap<>();
  private StepClock stepClock;
  private long step;
  private long planned;
  private long recallBefore;
  private List<TicketId> training = List.of();
  private boolean isLearnerBusy;
  private boolean isSaveDue;
  private boolean isLeaving;
  private long recorded;
  private long saved;

  StageWork(StagePlan stage, Company company) {
    this.stage = stage;
    this.company = company;
    this.gathering =
        stage.tickets().map(tickets -> new Gathering(this::plan, company.book, tickets));
  }

  StagePlan stage() {
    return stage;
  }

  /** Steps that are done. */
  long step() {
    return step;
  }

  Versions versions() {
    return versions;
  }

  /** Has the learner open it. */
  void open() {
    List<ActorRef<Learner.Command>> followers = company.followers(stage);
    company.orders.open(
        number -> new Learner.Open(number, stage.name(), followers, company.self),
        "the learner to open stage " + stage.name(),
        stage.deadlines().train());
  }

  /**
   * Begins where the learner has found it.
   *
   * @param inForce the versions that tickets can be bound to, oldest first
   * @param trainedBefore how many of its steps were ever trained; empty if it was never opened
   */
  void begin(List<VersionSet> inForce, Optional<Long> trainedBefore) {
    inForce.forEach(versions::add);
    step = versions.newest().step();
    planned = step;
    recorded = step;
    saved = step;
    // What could be sampled with the versions that there were then may be in the ledger.
    recallBefore = trainedBefore.map(stage::plannableBefore).orElse(0L);
    stepClock = new StepClock(company.clock);
  }

  /**
   * Does what can be done now: plans what can be sampled, and has the learner train what is
   * complete, or close the stage.
   *
   * @return whether the learner was told to close it
   */
  boolean goOn() {
    planTickets();
    if (isLearnerBusy) {
      return false;
    }
    if (step == stage.steps()) {
      if (company.orders.isSaving()) {
        return false; // The result of a stage is its last checkpoint.
      }
      isLearnerBusy = true;
      order(
          number -> new Learner.Conclude(number, stage.name(), company.self),
          "the learner to close");
      return true;
    }
    groups().ifPresent(this::train);
    return false;
  }

  private void planTickets() {
    if (gathering.isEmpty()) {
      return;
    }
    for (; planned < stage.plannableBefore(versions.newest().step()); planned++) {
      VersionSet sampling = versions.at(stage.samplingStep(planned));
      company.roster.needFor(sampling);
      gathering.get().plan(planned, sampling);
    }
  }

  private void plan(List<WorkUnit> units) {
    if (units.get(0).id().step() < recallBefore) {
      company.recalls.plan(units, stage.deadlines().train());
    } else {
      company.book.plan(units);
    }
  }

  /** Counts groups that came from the ledger. */
  void countRecalled(List<GroupFacts> groups) {
    groups.forEach(group -> recalled.merge(group.step(), 1, Integer::sum));
  }

  /** The groups that the step is trained on, once there are enough; none if it needs none. */
  private Optional<List<TicketId>> groups() {
    return gathering.isEmpty()
        ? Optional.of(List.of())
        : gathering.get().ready(step, versions.at(stage.samplingStep(step)));
  }

  private void train(List<TicketId> tickets) {
    isLearnerBusy = true;
    training = tickets;
    order(
        number ->
            new Learner.Train(number, stage.name(), step, tickets, doneBefore(), company.self),
        "the learner to train step " + (step + 1) + " of");
  }

  /** The first ticket that is still needed once the step is trained. */
  private TicketId doneBefore() {
    return stage
        .tickets()
        .map(it -> new TicketId(it.phase(), it.firstOrdinal(step + 1)))
        .orElse(null);
  }

  /** The decision that a trained step is. */
  Decision.StepTrained decision(StepResult result) {
    return new Decision.StepTrained(
        stage.name(),
        training,
        result.inForce(),
        result.metrics().getOrDefault(Metric.LOSS.name(), Double.NaN));
  }

  /** A step is done; its groups leave the book. */
  List<GroupFacts> finish(StepResult result) {
    versions.add(result.inForce());
    List<GroupFacts> facts = gathering.map(it -> it.take(step)).orElse(List.of());
    step++;
    return facts;
  }

  /** What is to be written down of the step that was finished last; the next one begins. */
  Recorder.StepDone record(StepResult result, List<GroupFacts> facts) {
    Map<String, Double> values =
        stepClock.measure(result, facts, stage.tickets().filter(it -> it.rounds() > 1).isPresent());
    Integer fromLedger = recalled.remove(step - 1);
    if (fromLedger != null) {
      values.put("ledger/recalled", (double) fromLedger);
    }
    var done = new Recorder.StepDone(stage, step, values, stepClock.seconds(), company.self);
    stepClock = new StepClock(company.clock);
    return done;
  }

  /** A step that is to be saved is written down first: a crash in between repeats it. */
  void awaitRecord() {
    isLearnerBusy = isLeaving || stage.isCheckpoint(step);
    if (isLearnerBusy) {
      company.waits.open(
          new WaitKey.Recorder(),
          "the recorder to write down step " + step + " of stage " + stage.name(),
          stage.deadlines().train(),
          "the run stops");
    }
  }

  /** Has the learner save the step that was written down, if it waits for that. */
  void save(String recordedStage, long stepsDone) {
    if (recordedStage.equals(stage.name())) {
      recorded = stepsDone;
    }
    if (recordedStage.equals(stage.name())
        && stepsDone == step
        && company.waits.isOpen(new WaitKey.Recorder())) {
      company.waits.close(new WaitKey.Recorder());
      save();
    }
  }

  /** One checkpoint is written at a time, while the learner trains on. */
  private void save() {
    isSaveDue = company.orders.isSaving();
    if (!isSaveDue) {
      company.orders.save(
          number -> new Learner.Save(number, stage.name(), step, company.self),
          "the learner to save step " + step + " of stage " + stage.name(),
          stage.deadlines().train());
      isLearnerBusy = false;
    }
  }

  /**
   * Finishes what was begun and begins nothing: the step that is trained now is the last one, and
   * is saved; groups that are being decoded or scored get into the ledger.
   *
   * @return whether there is nothing left to do
   */
  boolean leave() {
    isLeaving = true;
    if (isLearnerBusy || company.orders.isSaving()) {
      return false;
    }
    if (saved < step) {
      if (recorded == step) {
        save();
      }
      return false;
    }
    return !company.book.isAnyGranted();
  }

  /** Whether a checkpoint has all the steps that were trained. */
  boolean isSaved() {
    return !isLearnerBusy && saved == step;
  }

  /** The learner has written a checkpoint. */
  void saved(long stepsDone) {
    saved = stepsDone;
    if (isSaveDue) {
      save();
    }
  }

  /** Lets the ledger forget the groups of the steps before one; the run never goes back there. */
  void release(long replayFrom) {
    stage
        .tickets()
        .ifPresent(it -> company.release(new TicketId(it.phase(), it.firstOrdinal(replayFrom))));
  }

  private void order(LongFunction<Learner.Order> order, String what) {
    company.orders.give(order, what + " stage " + stage.name(), stage.deadlines().train());
  }
}

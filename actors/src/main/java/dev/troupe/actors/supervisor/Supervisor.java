package dev.troupe.actors.supervisor;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.stage.Limits;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.actors.supervisor.SupervisorCommand.AskCompany;
import dev.troupe.actors.supervisor.SupervisorCommand.AskWaits;
import dev.troupe.actors.supervisor.SupervisorCommand.Convene;
import dev.troupe.actors.supervisor.SupervisorCommand.Expired;
import dev.troupe.actors.supervisor.SupervisorCommand.GroupReady;
import dev.troupe.actors.supervisor.SupervisorCommand.RequestWork;
import dev.troupe.actors.supervisor.SupervisorCommand.RoleFailed;
import dev.troupe.actors.supervisor.SupervisorCommand.Saved;
import dev.troupe.actors.supervisor.SupervisorCommand.StageConcluded;
import dev.troupe.actors.supervisor.SupervisorCommand.StageOpened;
import dev.troupe.actors.supervisor.SupervisorCommand.StepRecorded;
import dev.troupe.actors.supervisor.SupervisorCommand.Stop;
import dev.troupe.actors.supervisor.SupervisorCommand.Trained;
import dev.troupe.actors.supervisor.SupervisorCommand.UnitLost;
import dev.troupe.actors.supervisor.SupervisorCommand.UnitUnscored;
import dev.troupe.runtime.model.PolicyVersion;
import java.time.Clock;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Plans steps, grants work, orders training and keeps the list of waits. It sees names, versions
 * and numbers; tokens and weights never pass through it.
 *
 * <p>The way of a stage: the learner opens it; tickets of a step are planned as soon as the policy
 * version they are bound to is published; generators that have proved this version get the units;
 * when the groups of the next step are complete the learner trains on them; after the last step it
 * closes the stage, which may be measured on held-out prompts before the next one is opened.
 */
public final class Supervisor extends AbstractBehavior<SupervisorCommand> {

  private enum Phase {
    CONVENING,
    OPENING,
    TRAINING,
    CONCLUDING,
    EVALUATING,
    ENDED
  }

  private final RunPlan plan;
  private final Waits waits;
  private final Clock clock;
  private final Iterator<StagePlan> stages;
  private final UnitBook book = new UnitBook();
  private final Granting granting;
  private final Map<String, String> digests = new LinkedHashMap<>();

  private Colleagues company;
  private Phase phase = Phase.CONVENING;
  private StagePlan stage;
  private Optional<Gathering> gathering = Optional.empty();
  private Versions versions = new Versions();
  private VersionSet result;
  private StepClock stepClock;
  private long step;
  private long planned;
  private int reopenings;
  private boolean isLearnerBusy;

  /**
   * Waits to be convened.
   *
   * @param clock tells people since when the run waits; deadlines are kept by timers
   */
  public static Behavior<SupervisorCommand> create(RunPlan plan, Clock clock) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Supervisor(context, timers, plan, clock)));
  }

  private Supervisor(
      ActorContext<SupervisorCommand> context,
      TimerScheduler<SupervisorCommand> timers,
      RunPlan plan,
      Clock clock) {
    super(context);
    this.plan = plan;
    this.clock = clock;
    this.waits = new Waits(timers, clock);
    this.granting = new Granting(book, waits, plan.limits().grants());
    this.stages = plan.stages().iterator();
  }

  @Override
  public Receive<SupervisorCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(Convene.class, this::onConvene)
        .onMessage(RequestWork.class, this::onRequestWork)
        .onMessage(UnitLost.class, this::onUnitLost)
        .onMessage(UnitUnscored.class, this::onUnitUnscored)
        .onMessage(GroupReady.class, this::onGroupReady)
        .onMessage(StageOpened.class, this::onStageOpened)
        .onMessage(Trained.class, this::onTrained)
        .onMessage(StepRecorded.class, this::onStepRecorded)
        .onMessage(Saved.class, this::onSaved)
        .onMessage(StageConcluded.class, this::onStageConcluded)
        .onMessage(RoleFailed.class, this::onRoleFailed)
        .onMessage(AskWaits.class, this::onAskWaits)
        .onMessage(AskCompany.class, this::onAskCompany)
        .onMessage(Stop.class, this::onStop)
        .onMessage(Expired.class, this::onExpired)
        .build();
  }

  private Behavior<SupervisorCommand> onConvene(Convene convene) {
    if (phase != Phase.CONVENING) {
      return this;
    }
    company = convene.company();
    return openNextStage();
  }

  private Behavior<SupervisorCommand> onRequestWork(RequestWork request) {
    book.decoded(request.finished());
    // Who asks for work while a unit of his is not decoded was started anew and has forgotten it.
    for (UnitId lost : book.undecodedBy(request.generator())) {
      lose(lost, request.generator() + " was started again while it decoded");
    }
    granting.ask(request.generator(), request.replyTo(), request.held());
    return goOn();
  }

  private Behavior<SupervisorCommand> onUnitLost(UnitLost lost) {
    if (book.holder(lost.unit()).filter(lost.generator()::equals).isPresent()) {
      lose(lost.unit(), lost.cause());
    }
    return goOn();
  }

  private Behavior<SupervisorCommand> onUnitUnscored(UnitUnscored unscored) {
    lose(unscored.unit(), unscored.cause());
    return goOn();
  }

  private Behavior<SupervisorCommand> onGroupReady(GroupReady ready) {
    book.complete(ready.facts()).ifPresent(unit -> waits.close(new WaitKey.UnitDone(unit)));
    return goOn();
  }

  private Behavior<SupervisorCommand> onStageOpened(StageOpened opened) {
    if (phase != Phase.OPENING || !opened.stage().equals(stage.name())) {
      return this;
    }
    waits.close(new WaitKey.Learner());
    versions = new Versions();
    for (VersionSet inForce : opened.inForce()) {
      versions.add(inForce);
    }
    step = versions.newest().step();
    planned = step;
    phase = Phase.TRAINING;
    stepClock = new StepClock(clock);
    company.recorder().tell(new Recorder.StageBegun(stage, versions.newest()));
    return goOn();
  }

  private Behavior<SupervisorCommand> onTrained(Trained trained) {
    if (phase != Phase.TRAINING
        || !trained.stage().equals(stage.name())
        || trained.step() != step
        || !isLearnerBusy) {
      return this;
    }
    waits.close(new WaitKey.Learner());
    reopenings = 0;
    versions.add(trained.result().inForce());
    List<GroupFacts> facts = takeFacts();
    step++;
    company
        .recorder()
        .tell(
            new Recorder.StepDone(
                stage,
                step,
                stepClock.measure(
                    trained.result(),
                    facts,
                    stage.tickets().filter(it -> it.rounds() > 1).isPresent()),
                stepClock.seconds(),
                getContext().getSelf()));
    stepClock = new StepClock(clock);
    Optional<String> broken = FailureRate.verdict(facts, plan.limits().failedShare());
    if (broken.isPresent()) {
      return end(broken.get());
    }
    // A step is written down before it is saved: a crash in between repeats it, and loses nothing.
    isLearnerBusy = stage.isCheckpoint(step);
    if (isLearnerBusy) {
      waits.open(
          new WaitKey.Recorder(),
          "the recorder to write down step " + step + " of stage " + stage.name(),
          stage.deadlines().train(),
          "the run stops");
    }
    return goOn();
  }

  private Behavior<SupervisorCommand> onStepRecorded(StepRecorded recorded) {
    if (phase == Phase.TRAINING
        && recorded.stage().equals(stage.name())
        && recorded.stepsDone() == step
        && waits.isOpen(new WaitKey.Recorder())) {
      waits.close(new WaitKey.Recorder());
      order(
          new Learner.Save(stage, step, getContext().getSelf()),
          "the learner to save step " + step + " of");
    }
    return this;
  }

  private Behavior<SupervisorCommand> onSaved(Saved saved) {
    if (phase == Phase.TRAINING
        && saved.stage().equals(stage.name())
        && saved.stepsDone() == step
        && isLearnerBusy) {
      waits.close(new WaitKey.Learner());
      isLearnerBusy = false;
    }
    return goOn();
  }

  private Behavior<SupervisorCommand> onStageConcluded(StageConcluded concluded) {
    if (phase != Phase.CONCLUDING || !concluded.stage().equals(stage.name())) {
      return this;
    }
    waits.close(new WaitKey.Learner());
    result = concluded.inForce();
    digests.put(stage.name(), result.policy().digest());
    company.recorder().tell(new Recorder.StageDone(stage, result));
    if (plan.evaluation().filter(it -> it.stages().contains(stage.name())).isPresent()) {
      phase = Phase.EVALUATING;
      book.plan(evaluationTickets().units(0, result));
      return goOn();
    }
    return openNextStage();
  }

  private Behavior<SupervisorCommand> onRoleFailed(RoleFailed failed) {
    if (phase == Phase.CONVENING || phase == Phase.ENDED) {
      return this;
    }
    switch (failed.remedy()) {
      case REGRANT -> {
        warn(failed.cause());
        return goOn();
      }
      case REOPEN -> {
        return reopen(failed.cause());
      }
      default -> {
        return end(failed.cause());
      }
    }
  }

  private Behavior<SupervisorCommand> onAskWaits(AskWaits ask) {
    ask.replyTo().tell(new WaitList(waits.list()));
    return this;
  }

  private Behavior<SupervisorCommand> onAskCompany(AskCompany ask) {
    String at = phase.name().toLowerCase(Locale.ROOT);
    Optional<PolicyVersion> policy =
        versions.isEmpty() ? Optional.empty() : Optional.of(versions.newest().policy());
    ask.replyTo()
        .tell(
            new CompanyState(
                at,
                stage == null ? "" : stage.name(),
                step,
                stage == null ? 0 : stage.steps(),
                policy,
                new RollCall(book, granting, waits).members(at, policy),
                waits.list()));
    return this;
  }

  private Behavior<SupervisorCommand> onStop(Stop stop) {
    return end(stop.reason());
  }

  private Behavior<SupervisorCommand> onExpired(Expired expired) {
    Optional<Wait> wait = waits.expire(expired.key());
    if (wait.isEmpty()) {
      return this;
    }
    if (expired.key() instanceof WaitKey.UnitDone unit && granting.mayGrantAgain(unit.unit())) {
      lose(unit.unit(), "nothing came for " + wait.get().what() + " until the deadline");
      return goOn();
    }
    return end(
        "The run waited from %s to %s for %s, in vain; see troupe.log in the run directory."
            .formatted(wait.get().since(), wait.get().deadline(), wait.get().what()));
  }

  // What follows from a change of state.

  private Behavior<SupervisorCommand> goOn() {
    switch (phase) {
      case TRAINING -> train();
      case EVALUATING -> {
        if (book.areComplete(evaluationTickets().tickets(0))) {
          return concludeEvaluation();
        }
      }
      default -> {}
    }
    if (phase == Phase.TRAINING || phase == Phase.EVALUATING) {
      granting.grant(stage.deadlines());
    }
    return this;
  }

  private void train() {
    planTickets();
    if (isLearnerBusy) {
      return;
    }
    if (step == stage.steps()) {
      phase = Phase.CONCLUDING;
      order(new Learner.Conclude(stage, getContext().getSelf()), "the learner to close");
    } else {
      groups()
          .ifPresent(
              tickets -> {
                isLearnerBusy = true;
                order(
                    new Learner.Train(stage, step, tickets, getContext().getSelf()),
                    "the learner to train step " + (step + 1) + " of");
              });
    }
  }

  /** The groups that the step is trained on, once there are enough; none if it needs none. */
  private Optional<List<TicketId>> groups() {
    return gathering.isEmpty()
        ? Optional.of(List.of())
        : gathering.get().ready(step, versions.at(stage.samplingStep(step)));
  }

  private void planTickets() {
    if (gathering.isEmpty()) {
      return;
    }
    for (; planned < stage.plannableBefore(versions.newest().step()); planned++) {
      gathering.get().plan(planned, versions.at(stage.samplingStep(planned)));
    }
  }

  private void lose(UnitId unit, String cause) {
    waits.close(new WaitKey.UnitDone(unit));
    if (book.grants(unit) == 0) {
      return; // Closed meanwhile, or of a stage that is over.
    }
    if (granting.mayGrantAgain(unit)) {
      warn("Work unit " + unit + " is given out again: " + cause);
      book.release(unit);
    } else {
      end(
          "Work unit %s was given out %d times without success: %s."
              .formatted(unit, book.grants(unit), cause));
    }
  }

  private Behavior<SupervisorCommand> openNextStage() {
    if (!stages.hasNext()) {
      phase = Phase.ENDED;
      waits.clear();
      finish(new RunOutcome.Completed(digests));
      return this;
    }
    stage = stages.next();
    return open();
  }

  private Behavior<SupervisorCommand> open() {
    phase = Phase.OPENING;
    isLearnerBusy = false;
    book.clear();
    gathering = stage.tickets().map(tickets -> new Gathering(book, tickets));
    waits.clear();
    granting.reset();
    company.experience().tell(new Experience.Clear());
    order(new Learner.Open(stage, getContext().getSelf()), "the learner to open");
    return this;
  }

  private Behavior<SupervisorCommand> reopen(String cause) {
    if (phase == Phase.ENDED) {
      return this;
    }
    Limits limits = plan.limits();
    if (++reopenings > limits.reopenings()) {
      return end(cause);
    }
    warn("Stage " + stage.name() + " goes back to its latest checkpoint: " + cause);
    return open();
  }

  private Behavior<SupervisorCommand> concludeEvaluation() {
    TicketPlan tickets = evaluationTickets();
    List<GroupFacts> facts = book.take(tickets.tickets(0));
    company.recorder().tell(new Recorder.EvaluationDone(stage, facts));
    company.experience().tell(new Experience.Forget(tickets.phase(), tickets.firstOrdinal(1)));
    Optional<String> broken = FailureRate.verdict(facts, plan.limits().failedShare());
    return broken.isPresent() ? end(broken.get()) : openNextStage();
  }

  private TicketPlan evaluationTickets() {
    return plan.evaluation().orElseThrow().of(stage.name());
  }

  private List<GroupFacts> takeFacts() {
    if (stage.tickets().isEmpty()) {
      return List.of();
    }
    TicketPlan tickets = stage.tickets().get();
    company
        .experience()
        .tell(new Experience.Forget(tickets.phase(), tickets.firstOrdinal(step + 1)));
    return gathering.orElseThrow().take(step);
  }

  private void order(Learner.Command order, String what) {
    waits.open(
        new WaitKey.Learner(),
        what + " stage " + stage.name(),
        stage.deadlines().train(),
        "the run stops");
    company.learner().tell(order);
  }

  private void warn(String sentence) {
    getContext().getLog().warn(sentence);
    company.recorder().tell(new Recorder.Warned(sentence));
  }

  private Behavior<SupervisorCommand> end(String cause) {
    if (phase != Phase.ENDED) {
      phase = Phase.ENDED;
      waits.clear();
      book.clear();
      finish(new RunOutcome.Stopped(cause));
    }
    return this;
  }

  private void finish(RunOutcome outcome) {
    company.recorder().tell(new Recorder.RunEnded(outcome, company.owner()));
  }
}

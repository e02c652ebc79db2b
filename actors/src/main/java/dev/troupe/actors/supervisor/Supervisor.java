package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.RecoveryCompleted;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.SignalHandler;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.journal.Chronicle;
import dev.troupe.actors.journal.Decision;
import dev.troupe.actors.journal.JournalTerms;
import dev.troupe.actors.journal.Objections;
import dev.troupe.actors.journal.StageChronicle;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StagePlan;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Leads the company through the stages of a run and keeps the list of its waits. It sees names,
 * versions and numbers; tokens and weights never pass through it.
 *
 * <p>What it decides it writes into the journal before it acts on it, and after a restart it goes
 * on from there: what has to be done again, because no checkpoint has it, must come to what it came
 * to before. Within a stage see {@link StageWork}; between stages held-out prompts may be answered.
 */
public final class Supervisor extends EventSourcedBehavior<SupervisorCommand, Decision, Chronicle> {

  private static final Duration AGAIN = Duration.ofSeconds(2);

  private final ActorContext<SupervisorCommand> context;
  private final RunPlan plan;
  private final JournalTerms terms;
  private final Itinerary itinerary;
  private final Company company;
  private final Leaving leaving;
  private final ActorRef<Recorder.Command> recorder;
  private final ActorRef<RunOutcome> owner;

  private Phase phase = Phase.CONVENING;
  private StageWork work;
  private int reopenings;

  /**
   * Begins, or goes on, as soon as every role that the plan needs is played.
   *
   * @param terms which journal the run has
   * @param clock tells people since when the run waits; deadlines are kept by timers
   * @param patience how long a needed role may be played by nobody
   * @param recorder writes down what happened
   * @param owner is told how the run ended
   */
  public static Behavior<SupervisorCommand> create(
      RunPlan plan,
      JournalTerms terms,
      Clock clock,
      Duration patience,
      ActorRef<Recorder.Command> recorder,
      ActorRef<RunOutcome> owner) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Supervisor(
                        context, timers, plan, terms, clock, patience, recorder, owner)));
  }

  private Supervisor(
      ActorContext<SupervisorCommand> context,
      TimerScheduler<SupervisorCommand> timers,
      RunPlan plan,
      JournalTerms terms,
      Clock clock,
      Duration patience,
      ActorRef<Recorder.Command> recorder,
      ActorRef<RunOutcome> owner) {
    super(PersistenceId.ofUniqueId(terms.id()));
    this.context = context;
    this.plan = plan;
    this.terms = terms;
    this.recorder = recorder;
    this.owner = owner;
    this.itinerary = new Itinerary(plan);
    this.company = new Company(timers, plan, clock, patience, context.getSelf(), this::warn);
    this.leaving = new Leaving(company);
    timers.startTimerWithFixedDelay(new SupervisorCommand.Repeat(), AGAIN);
  }

  @Override
  public Chronicle emptyState() {
    return Chronicle.EMPTY;
  }

  @Override
  public EventHandler<Chronicle, Decision> eventHandler() {
    return Chronicle::with;
  }

  @Override
  public SignalHandler<Chronicle> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecoveryCompleted)
        .build();
  }

  @Override
  public CommandHandler<SupervisorCommand, Decision, Chronicle> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(SupervisorCommand.StageOpened.class, this::onStageOpened)
        .onCommand(SupervisorCommand.Trained.class, this::onTrained)
        .onCommand(SupervisorCommand.StepRecorded.class, (run, it) -> onStepRecorded(it))
        .onCommand(SupervisorCommand.Saved.class, this::onSaved)
        .onCommand(SupervisorCommand.StageConcluded.class, this::onStageConcluded)
        .onCommand(SupervisorCommand.Stop.class, (run, stop) -> onStop(stop))
        .onCommand(SupervisorCommand.Drained.class, (run, it) -> onDrained())
        .onCommand(SupervisorCommand.GeneratorsListed.class, this::onGeneratorsListed)
        .onCommand(SupervisorCommand.LearnersListed.class, this::onLearnersListed)
        .onCommand(
            SupervisorCommand.RewardsListed.class,
            (run, it) -> counted(run, Role.REWARD, it.present()))
        .onCommand(
            SupervisorCommand.ReferencesListed.class,
            (run, it) -> counted(run, Role.REFERENCE, it.present()))
        .onCommand(SupervisorCommand.RequestWork.class, this::onRequestWork)
        .onCommand(SupervisorCommand.UnitLost.class, this::onUnitLost)
        .onCommand(SupervisorCommand.UnitStranded.class, this::onUnitStranded)
        .onCommand(SupervisorCommand.Retired.class, this::onRetired)
        .onCommand(SupervisorCommand.GroupReady.class, this::onGroupReady)
        .onCommand(SupervisorCommand.GroupsRecalled.class, this::onGroupsRecalled)
        .onCommand(SupervisorCommand.OrderFailed.class, (run, it) -> onOrderFailed(it))
        .onCommand(SupervisorCommand.RoleFailed.class, this::onRoleFailed)
        .onCommand(SupervisorCommand.Expired.class, this::onExpired)
        .onCommand(SupervisorCommand.AskWaits.class, (run, it) -> onAskWaits(it))
        .onCommand(SupervisorCommand.AskCompany.class, (run, it) -> onAskCompany(it))
        .onCommand(SupervisorCommand.Repeat.class, (run, it) -> onRepeat())
        .build();
  }

  /** A journal that is not that of this run is left as it is. */
  private void onRecoveryCompleted(Chronicle run) {
    Objections.toRun(run, begun())
        .ifPresent(
            objection -> {
              phase = Phase.ENDED;
              company.dismiss();
              owner.tell(new RunOutcome.Stopped(objection));
            });
  }

  private Decision.RunBegun begun() {
    return new Decision.RunBegun(plan.name(), terms.settings());
  }

  // The way of a run: stage by stage, and within a stage step by step.

  private Effect<Decision, Chronicle> goOn(Chronicle run) {
    if (phase == Phase.CONVENING && company.isComplete()) {
      company.begin();
      return goToNextStage(run, run.begun().isPresent() ? List.of() : List.of(begun()));
    }
    if (phase == Phase.EVALUATING && company.book.areComplete(itinerary.heldOut(work.stage()))) {
      return concludeEvaluation(run);
    }
    proceed();
    return Effect().none();
  }

  /** Opens the next stage, or ends the run, after some last decisions. */
  private Effect<Decision, Chronicle> goToNextStage(Chronicle run, List<Decision> last) {
    Optional<StagePlan> next = itinerary.next();
    if (next.isPresent()) {
      phase = Phase.OPENING;
      return Effect().persist(last).thenRun(then -> open(next.get()));
    }
    Chronicle whole = run;
    for (Decision decision : last) {
      whole = whole.with(decision);
    }
    return end(new RunOutcome.Completed(whole.digests()), last);
  }

  private void open(StagePlan stage) {
    phase = Phase.OPENING;
    company.clear();
    work = new StageWork(stage, company);
    work.open();
  }

  private Effect<Decision, Chronicle> onStageOpened(
      Chronicle run, SupervisorCommand.StageOpened opened) {
    if (!company.orders.settle(opened.order())) {
      return Effect().none();
    }
    Optional<String> objection = Objections.toOpening(run, work.stage(), opened.inForce());
    if (objection.isPresent()) {
      return end(objection.get());
    }
    String stage = work.stage().name();
    company.opened(opened);
    work.begin(opened.inForce(), run.of(stage).map(StageChronicle::trained));
    VersionSet inForce = work.versions().newest();
    Objections.fallback(run, work.stage(), inForce.step()).ifPresent(this::warn);
    return Effect()
        .persist(new Decision.StageOpened(terms.epoch(), stage, inForce))
        .thenRun(
            then -> {
              phase = Phase.TRAINING;
              recorder.tell(new Recorder.StageBegun(work.stage(), inForce));
              proceed();
            });
  }

  private void proceed() {
    if (leaving.isAsked()) {
      leaving.goOn(phase, work);
      return;
    }
    if (phase == Phase.TRAINING && work.goOn()) {
      phase = Phase.CONCLUDING;
    }
    if (phase == Phase.TRAINING || phase == Phase.EVALUATING) {
      company.granting.grant(work.stage().deadlines());
    }
  }

  private Effect<Decision, Chronicle> onTrained(Chronicle run, SupervisorCommand.Trained trained) {
    if (!company.orders.settle(trained.order())) {
      return Effect().none();
    }
    reopenings = 0;
    Decision.StepTrained decision = work.decision(trained.result());
    Optional<String> difference = unaccepted(Objections.toStep(run, decision));
    if (difference.isPresent()) {
      return end(difference.get());
    }
    List<GroupFacts> facts = work.finish(trained.result());
    Recorder.StepDone record = work.record(trained.result(), facts);
    Optional<String> broken = FailureRate.verdict(facts, plan.limits().failedShare());
    if (broken.isPresent()) {
      recorder.tell(record);
      return end(broken.get());
    }
    return Effect()
        .persist(run.knows(decision) ? List.of() : List.of(decision))
        .thenRun(
            then -> {
              recorder.tell(record);
              work.awaitRecord();
              proceed();
            });
  }

  private Effect<Decision, Chronicle> onStepRecorded(SupervisorCommand.StepRecorded recorded) {
    if (phase == Phase.TRAINING) {
      work.save(recorded.stage(), recorded.stepsDone());
      proceed();
    }
    return Effect().none();
  }

  private Effect<Decision, Chronicle> onSaved(Chronicle run, SupervisorCommand.Saved saved) {
    if (!company.orders.settle(saved.order())) {
      return goOn(run);
    }
    long replayFrom = run.replayFrom(saved.stage(), saved.stepsDone(), terms.checkpointsKept());
    return Effect()
        .persist(new Decision.CheckpointSaved(saved.stage(), saved.stepsDone(), replayFrom))
        .thenRun(
            then -> {
              work.release(replayFrom);
              work.saved(saved.stepsDone());
              // Nothing trained is lost now, so this is the time to take in who came late.
              if (company.hasSpareLearner()
                  && !leaving.isAsked()
                  && saved.stepsDone() < work.stage().steps()) {
                reopen("one more learner trains with the others");
              } else {
                proceed();
              }
            });
  }

  private Effect<Decision, Chronicle> onStageConcluded(
      Chronicle run, SupervisorCommand.StageConcluded concluded) {
    if (!company.orders.settle(concluded.order())) {
      return Effect().none();
    }
    StagePlan stage = work.stage();
    VersionSet result = concluded.inForce();
    Optional<String> difference = unaccepted(Objections.toResult(run, stage.name(), result));
    if (difference.isPresent()) {
      return end(difference.get());
    }
    work.release(stage.steps());
    recorder.tell(new Recorder.StageDone(stage, result));
    var decision = new Decision.StageConcluded(stage.name(), result);
    if (leaving.isAsked()) {
      return end(leaving.paused(Optional.of(work)), List.of(decision));
    }
    return itinerary.isMeasured(stage)
        ? Effect().persist(decision).thenRun(then -> measure(result))
        : goToNextStage(run, List.of(decision));
  }

  private void measure(VersionSet result) {
    phase = Phase.EVALUATING;
    company.roster.needFor(result);
    company.book.plan(itinerary.evaluation(work.stage(), result));
    proceed();
  }

  private Effect<Decision, Chronicle> concludeEvaluation(Chronicle run) {
    List<GroupFacts> facts = company.book.take(itinerary.heldOut(work.stage()));
    recorder.tell(new Recorder.EvaluationDone(work.stage(), facts));
    Optional<String> broken = FailureRate.verdict(facts, plan.limits().failedShare());
    return broken.isPresent() ? end(broken.get()) : goToNextStage(run, List.of());
  }

  /** What came to something else than before a restart, unless that was said to be all right. */
  private Optional<String> unaccepted(Optional<String> difference) {
    if (terms.acceptsDifferences()) {
      difference.ifPresent(this::warn);
      return Optional.empty();
    }
    return difference;
  }

  private Effect<Decision, Chronicle> onStop(SupervisorCommand.Stop stop) {
    if (stop.grace().isZero()) {
      return end(stop.reason());
    }
    if (phase == Phase.ENDED || leaving.isAsked()) {
      return Effect().none();
    }
    if (!leaving.begin(stop, phase)) {
      return end(leaving.paused(Optional.ofNullable(work)), List.of());
    }
    warn(Leaving.sentence(stop.reason(), stop.grace()));
    proceed();
    return Effect().none();
  }

  private Effect<Decision, Chronicle> onDrained() {
    return phase == Phase.ENDED
        ? Effect().none()
        : end(leaving.paused(Optional.ofNullable(work)), List.of());
  }

  private Effect<Decision, Chronicle> end(RunOutcome outcome, List<Decision> last) {
    phase = Phase.ENDED;
    company.dismiss();
    var decisions = new ArrayList<>(last);
    decisions.add(new Decision.RunEnded(outcome));
    return Effect()
        .persist(decisions)
        .thenRun(then -> recorder.tell(new Recorder.RunEnded(outcome, owner)));
  }

  // Those who come, go, bring and fail on the way.

  private Effect<Decision, Chronicle> onGeneratorsListed(
      Chronicle run, SupervisorCommand.GeneratorsListed listed) {
    Optional<String> broken = company.granting.listed(listed.present());
    return broken.isPresent()
        ? end(broken.get())
        : counted(run, Role.GENERATOR, listed.present().size());
  }

  private Effect<Decision, Chronicle> onLearnersListed(
      Chronicle run, SupervisorCommand.LearnersListed listed) {
    company.learners(listed.present(), phase).ifPresent(this::reopen);
    return counted(run, Role.LEARNER, listed.present().size());
  }

  private Effect<Decision, Chronicle> counted(Chronicle run, Role role, int players) {
    if (phase != Phase.ENDED) {
      company.roster.count(role, players);
    }
    return goOn(run);
  }

  private Effect<Decision, Chronicle> onRequestWork(
      Chronicle run, SupervisorCommand.RequestWork request) {
    if (!company.granting.ask(request)) {
      return Effect().none();
    }
    company.granting.decoded(request.finished(), request.generator());
    // Who asks for work while a unit of his is not decoded was started anew and has forgotten it.
    String cause = request.generator() + " was started again while it decoded";
    return goOnUnless(company.granting.forsake(request.generator(), cause), run);
  }

  private Effect<Decision, Chronicle> onUnitLost(Chronicle run, SupervisorCommand.UnitLost lost) {
    return goOnUnless(company.granting.lost(lost), run);
  }

  private Effect<Decision, Chronicle> onUnitStranded(
      Chronicle run, SupervisorCommand.UnitStranded stranded) {
    if (work != null) {
      company.granting.strand(stranded.unit(), stranded.generator(), work.stage().deadlines());
    }
    return goOn(run);
  }

  private Effect<Decision, Chronicle> onRetired(
      Chronicle run, SupervisorCommand.Retired retired) {
    company.granting.decoded(retired.finished(), retired.generator());
    company.granting.retire(retired.generator());
    context.getLog().info("{} has left in order", retired.generator());
    return goOn(run);
  }

  private Effect<Decision, Chronicle> onGroupReady(
      Chronicle run, SupervisorCommand.GroupReady ready) {
    ready.replyTo().tell(new Experience.Noted(ready.facts().ticket()));
    company.complete(ready);
    return goOn(run);
  }

  private Effect<Decision, Chronicle> onGroupsRecalled(
      Chronicle run, SupervisorCommand.GroupsRecalled recalled) {
    List<GroupFacts> counted = company.recalls.settle(recalled);
    if (!counted.isEmpty()) {
      work.countRecalled(counted);
      context
          .getLog()
          .info(
              "{} groups of stage {} from {} on came from the ledger",
              counted.size(),
              work.stage().name(),
              counted.get(0).ticket());
    }
    return goOn(run);
  }

  private Effect<Decision, Chronicle> onOrderFailed(SupervisorCommand.OrderFailed failed) {
    if (!company.orders.settle(failed.order())) {
      return Effect().none();
    }
    // A learner that failed without training anything since would fail for ever.
    if (failed.remedy() != Remedy.REOPEN || ++reopenings > plan.limits().reopenings()) {
      return end(failed.cause());
    }
    reopen(failed.cause());
    return Effect().none();
  }

  private Effect<Decision, Chronicle> onRoleFailed(
      Chronicle run, SupervisorCommand.RoleFailed failed) {
    if (phase == Phase.CONVENING || phase == Phase.ENDED) {
      return Effect().none();
    }
    if (failed.remedy() == Remedy.STOP) {
      return end(failed.cause());
    }
    warn(failed.cause());
    return goOn(run);
  }

  private Effect<Decision, Chronicle> onExpired(Chronicle run, SupervisorCommand.Expired expired) {
    Optional<Wait> wait = company.waits.expire(expired.key());
    if (wait.isEmpty()) {
      return Effect().none();
    }
    if (expired.key() instanceof WaitKey.UnitDone unit
        && company.granting.mayGrantAgain(unit.unit())) {
      String cause = "nothing came for " + wait.get().what() + " until the deadline";
      return goOnUnless(company.granting.lose(unit.unit(), cause), run);
    }
    if (expired.key() instanceof WaitKey.Grace) {
      return end(leaving.late(work), List.of());
    }
    if (expired.key() instanceof WaitKey.Adoption adoption) {
      company.granting.abandon(adoption.generator());
      return goOn(run);
    }
    return end(
        "The run waited from %s to %s for %s, in vain; see troupe.log in the run directory."
            .formatted(wait.get().since(), wait.get().deadline(), wait.get().what()));
  }

  private Effect<Decision, Chronicle> onAskWaits(SupervisorCommand.AskWaits ask) {
    ask.replyTo().tell(new WaitList(company.waits.list()));
    return Effect().none();
  }

  private Effect<Decision, Chronicle> onAskCompany(SupervisorCommand.AskCompany ask) {
    ask.replyTo().tell(company.state(phase, Optional.ofNullable(work)));
    return Effect().none();
  }

  private Effect<Decision, Chronicle> onRepeat() {
    company.repeat();
    return Effect().none();
  }

  private void reopen(String cause) {
    if (leaving.isAsked()) {
      leaving.stay();
      return;
    }
    warn("Stage " + work.stage().name() + " goes back to its latest checkpoint: " + cause);
    open(work.stage());
  }

  private Effect<Decision, Chronicle> goOnUnless(Optional<String> broken, Chronicle run) {
    return broken.isPresent() ? end(broken.get()) : goOn(run);
  }

  private Effect<Decision, Chronicle> end(String cause) {
    return phase == Phase.ENDED ? Effect().none() : end(new RunOutcome.Stopped(cause), List.of());
  }

  private void warn(String sentence) {
    context.getLog().warn(sentence);
    recorder.tell(new Recorder.Warned(sentence));
  }
}

package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.actors.supervisor.SupervisorCommand.AskCompany;
import dev.troupe.actors.supervisor.SupervisorCommand.AskWaits;
import dev.troupe.actors.supervisor.SupervisorCommand.Expired;
import dev.troupe.actors.supervisor.SupervisorCommand.GeneratorsListed;
import dev.troupe.actors.supervisor.SupervisorCommand.GroupReady;
import dev.troupe.actors.supervisor.SupervisorCommand.LearnersListed;
import dev.troupe.actors.supervisor.SupervisorCommand.OrderFailed;
import dev.troupe.actors.supervisor.SupervisorCommand.ReferencesListed;
import dev.troupe.actors.supervisor.SupervisorCommand.Repeat;
import dev.troupe.actors.supervisor.SupervisorCommand.RequestWork;
import dev.troupe.actors.supervisor.SupervisorCommand.RewardsListed;
import dev.troupe.actors.supervisor.SupervisorCommand.RoleFailed;
import dev.troupe.actors.supervisor.SupervisorCommand.Saved;
import dev.troupe.actors.supervisor.SupervisorCommand.StageConcluded;
import dev.troupe.actors.supervisor.SupervisorCommand.StageOpened;
import dev.troupe.actors.supervisor.SupervisorCommand.StepRecorded;
import dev.troupe.actors.supervisor.SupervisorCommand.Stop;
import dev.troupe.actors.supervisor.SupervisorCommand.Trained;
import dev.troupe.actors.supervisor.SupervisorCommand.UnitLost;
import dev.troupe.runtime.settings.Pacing;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

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

  private static final Duration AGAIN = Duration.ofSeconds(2);

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
  private final RollCall rollCall;
  private final Granting granting;
  private final Orders orders;
  private final Roster roster;
  private final ActorRef<Recorder.Command> recorder;
  private final ActorRef<RunOutcome> owner;
  private final Map<String, String> digests = new LinkedHashMap<>();

  private ActorRef<Learner.Command> learner;
  private Phase phase = Phase.CONVENING;
  private StagePlan stage;
  private Optional<Gathering> gathering = Optional.empty();
  private Versions versions = new Versions();
  private VersionSet result;
  private StepClock stepClock;
  private long step;
  private long planned;
  private int reopenings;
  private long opening;
  private boolean isLearnerBusy;

  /**
   * Begins as soon as every role that the plan needs is played.
   *
   * @param clock tells people since when the run waits; deadlines are kept by timers
   * @param patience how long a needed role may be played by nobody
   * @param recorder writes down what happened
   * @param owner is told how the run ended
   */
  public static Behavior<SupervisorCommand> create(
      RunPlan plan,
      Clock clock,
      Duration patience,
      ActorRef<Recorder.Command> recorder,
      ActorRef<RunOutcome> owner) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new Supervisor(context, timers, plan, clock, patience, recorder, owner)));
  }

  private Supervisor(
      ActorContext<SupervisorCommand> context,
      TimerScheduler<SupervisorCommand> timers,
      RunPlan plan,
      Clock clock,
      Duration patience,
      ActorRef<Recorder.Command> recorder,
      ActorRef<RunOutcome> owner) {
    super(context);
    this.plan = plan;
    this.clock = clock;
    this.recorder = recorder;
    this.owner = owner;
    this.waits = new Waits(timers, clock);
    this.granting = new Granting(book, waits, plan.limits().grants(), this::warn);
    this.rollCall = new RollCall(book, granting, waits);
    this.orders = new Orders(waits);
    this.roster = new Roster(waits, patience);
    this.stages = plan.stages().iterator();
    timers.startTimerWithFixedDelay(new Repeat(), AGAIN);
    roster.need(Role.LEARNER);
    if (plan.evaluation().isPresent()
        || plan.stages().stream().anyMatch(it -> it.tickets().isPresent())) {
      roster.need(Role.GENERATOR);
      roster.need(Role.REWARD);
    }
  }

  @Override
  public Receive<SupervisorCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(GeneratorsListed.class, this::onGeneratorsListed)
        .onMessage(LearnersListed.class, this::onLearnersListed)
        .onMessage(RewardsListed.class, listed -> counted(Role.REWARD, listed.present()))
        .onMessage(ReferencesListed.class, listed -> counted(Role.REFERENCE, listed.present()))
        .onMessage(RequestWork.class, this::onRequestWork)
        .onMessage(UnitLost.class, this::onUnitLost)
        .onMessage(GroupReady.class, this::onGroupReady)
        .onMessage(StageOpened.class, this::onStageOpened)
        .onMessage(Trained.class, this::onTrained)
        .onMessage(StepRecorded.class, this::onStepRecorded)
        .onMessage(Saved.class, this::onSaved)
        .onMessage(StageConcluded.class, this::onStageConcluded)
        .onMessage(OrderFailed.class, this::onOrderFailed)
        .onMessage(RoleFailed.class, this::onRoleFailed)
        .onMessage(AskWaits.class, this::onAskWaits)
        .onMessage(AskCompany.class, this::onAskCompany)
        .onMessage(Stop.class, stop -> end(stop.reason()))
        .onMessage(Repeat.class, this::onRepeat)
        .onMessage(Expired.class, this::onExpired)
        .build();
  }

  private Behavior<SupervisorCommand> onGeneratorsListed(GeneratorsListed listed) {
    granting.listed(listed.present()).ifPresent(this::end);
    return counted(Role.GENERATOR, listed.present().size());
  }

  private Behavior<SupervisorCommand> onLearnersListed(LearnersListed listed) {
    boolean isSame = learner != null && listed.present().contains(learner);
    counted(Role.LEARNER, listed.present().size());
    if (isSame || phase == Phase.ENDED) {
      return this;
    }
    boolean isLoss = learner != null;
    learner =
        listed.present().stream()
            .min(Comparator.comparing(it -> it.path().toString()))
            .orElse(null);
    orders.to(learner);
    if (phase == Phase.CONVENING) {
      return begin();
    }
    if (isLoss) {
      waits.close(new WaitKey.Learner());
      warn("The learner is out of reach.");
    }
    return learner == null ? this : reopen("another learner takes over");
  }

  private Behavior<SupervisorCommand> counted(Role role, int players) {
    if (phase != Phase.ENDED) {
      roster.count(role, players);
    }
    return phase == Phase.CONVENING ? begin() : goOn();
  }

  private Behavior<SupervisorCommand> begin() {
    return learner != null && roster.isComplete() ? openNextStage() : this;
  }

  private Behavior<SupervisorCommand> onRequestWork(RequestWork request) {
    if (!granting.ask(request)) {
      return this;
    }
    book.decoded(request.finished(), request.generator());
    // Who asks for work while a unit of his is not decoded was started anew and has forgotten it.
    String cause = request.generator() + " was started again while it decoded";
    granting.forsake(request.generator(), cause).ifPresent(this::end);
    return goOn();
  }

  private Behavior<SupervisorCommand> onUnitLost(UnitLost lost) {
    if (book.holder(lost.unit()).filter(lost.generator()::equals).isPresent()) {
      granting.lose(lost.unit(), lost.cause()).ifPresent(this::end);
    }
    return goOn();
  }

  private Behavior<SupervisorCommand> onGroupReady(GroupReady ready) {
    ready.replyTo().tell(new Experience.Noted(ready.facts().ticket()));
    if (ready.opening() == opening) {
      book.complete(ready.facts()).ifPresent(unit -> waits.close(new WaitKey.UnitDone(unit)));
    }
    return goOn();
  }

  private Behavior<SupervisorCommand> onStageOpened(StageOpened opened) {
    if (!orders.settle(opened.order())) {
      return this;
    }
    opening = opened.order();
    granting.to(opened.experience());
    versions = new Versions();
    for (VersionSet inForce : opened.inForce()) {
      versions.add(inForce);
    }
    renew();
    step = versions.newest().step();
    planned = step;
    phase = Phase.TRAINING;
    stepClock = new StepClock(clock);
    recorder.tell(new Recorder.StageBegun(stage, versions.newest()));
    return goOn();
  }

  private Behavior<SupervisorCommand> onTrained(Trained trained) {
    if (!orders.settle(trained.order())) {
      return this;
    }
    reopenings = 0;
    versions.add(trained.result().inForce());
    renew();
    List<GroupFacts> facts = gathering.map(it -> it.take(step)).orElse(List.of());
    step++;
    recorder.tell(
        new Recorder.StepDone(
            stage,
            step,
            stepClock.measure(
                trained.result(), facts, stage.tickets().filter(it -> it.rounds() > 1).isPresent()),
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
          number -> new Learner.Save(number, stage.name(), step, getContext().getSelf()),
          "the learner to save step " + step + " of");
    }
    return this;
  }

  private Behavior<SupervisorCommand> onSaved(Saved saved) {
    if (orders.settle(saved.order())) {
      isLearnerBusy = false;
    }
    return goOn();
  }

  private Behavior<SupervisorCommand> onStageConcluded(StageConcluded concluded) {
    if (!orders.settle(concluded.order())) {
      return this;
    }
    result = concluded.inForce();
    digests.put(stage.name(), result.policy().digest());
    recorder.tell(new Recorder.StageDone(stage, result));
    if (plan.evaluation().filter(it -> it.stages().contains(stage.name())).isPresent()) {
      phase = Phase.EVALUATING;
      roster.needFor(result);
      book.plan(evaluationTickets().units(0, result));
      return goOn();
    }
    return openNextStage();
  }

  private Behavior<SupervisorCommand> onOrderFailed(OrderFailed failed) {
    if (!orders.settle(failed.order())) {
      return this;
    }
    if (failed.remedy() != Remedy.REOPEN) {
      return end(failed.cause());
    }
    // A learner that failed without training anything since would fail for ever.
    return ++reopenings > plan.limits().reopenings() ? end(failed.cause()) : reopen(failed.cause());
  }

  private Behavior<SupervisorCommand> onRoleFailed(RoleFailed failed) {
    if (phase == Phase.CONVENING || phase == Phase.ENDED) {
      return this;
    }
    if (failed.remedy() == Remedy.STOP) {
      return end(failed.cause());
    }
    warn(failed.cause());
    return goOn();
  }

  private Behavior<SupervisorCommand> onAskWaits(AskWaits ask) {
    ask.replyTo().tell(new WaitList(waits.list()));
    return this;
  }

  private Behavior<SupervisorCommand> onAskCompany(AskCompany ask) {
    ask.replyTo()
        .tell(rollCall.state(phase.name().toLowerCase(Locale.ROOT), stage, step, versions));
    return this;
  }

  private Behavior<SupervisorCommand> onRepeat(Repeat repeat) {
    orders.repeat();
    return this;
  }

  private Behavior<SupervisorCommand> onExpired(Expired expired) {
    Optional<Wait> wait = waits.expire(expired.key());
    if (wait.isEmpty()) {
      return this;
    }
    if (expired.key() instanceof WaitKey.UnitDone unit && granting.mayGrantAgain(unit.unit())) {
      String cause = "nothing came for " + wait.get().what() + " until the deadline";
      granting.lose(unit.unit(), cause).ifPresent(this::end);
      return goOn();
    }
    return end(
        "The run waited from %s to %s for %s, in vain; see troupe.log in the run directory."
            .formatted(wait.get().since(), wait.get().deadline(), wait.get().what()));
  }

  // What follows from a change of state.

  private void renew() {
    if (stage.pacing() == Pacing.NEWEST) {
      granting.renew(versions.newest().policy());
    }
  }

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
      order(
          number -> new Learner.Conclude(number, stage.name(), getContext().getSelf()),
          "the learner to close");
    } else {
      groups()
          .ifPresent(
              tickets -> {
                isLearnerBusy = true;
                order(
                    number ->
                        new Learner.Train(
                            number,
                            stage.name(),
                            step,
                            tickets,
                            doneBefore(),
                            getContext().getSelf()),
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
      VersionSet sampling = versions.at(stage.samplingStep(planned));
      roster.needFor(sampling);
      gathering.get().plan(planned, sampling);
    }
  }

  /** The first ticket that is still needed once the step is trained. */
  private TicketId doneBefore() {
    return stage
        .tickets()
        .map(it -> new TicketId(it.phase(), it.firstOrdinal(step + 1)))
        .orElse(null);
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
    roster.watchAll();
    granting.reset();
    order(
        number -> new Learner.Open(number, stage.name(), getContext().getSelf()),
        "the learner to open");
    return this;
  }

  private Behavior<SupervisorCommand> reopen(String cause) {
    warn("Stage " + stage.name() + " goes back to its latest checkpoint: " + cause);
    return open();
  }

  private Behavior<SupervisorCommand> concludeEvaluation() {
    TicketPlan tickets = evaluationTickets();
    List<GroupFacts> facts = book.take(tickets.tickets(0));
    recorder.tell(new Recorder.EvaluationDone(stage, facts));
    Optional<String> broken = FailureRate.verdict(facts, plan.limits().failedShare());
    return broken.isPresent() ? end(broken.get()) : openNextStage();
  }

  private TicketPlan evaluationTickets() {
    return plan.evaluation().orElseThrow().of(stage.name());
  }

  private void order(LongFunction<Learner.Order> order, String what) {
    orders.give(order, what + " stage " + stage.name(), stage.deadlines().train());
  }

  private void warn(String sentence) {
    getContext().getLog().warn(sentence);
    recorder.tell(new Recorder.Warned(sentence));
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
    recorder.tell(new Recorder.RunEnded(outcome, owner));
  }
}

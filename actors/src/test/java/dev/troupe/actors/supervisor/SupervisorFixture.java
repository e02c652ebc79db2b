package dev.troupe.actors.supervisor;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import akka.actor.testkit.typed.FishingOutcome;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.FishingOutcomes;
import akka.actor.testkit.typed.javadsl.ManualTime;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.persistence.testkit.PersistenceTestKitPlugin;
import com.typesafe.config.ConfigFactory;
import dev.troupe.actors.Samples;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.journal.JournalTerms;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.stage.Limits;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.runtime.model.PolicyVersion;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A supervisor among probes, on a clock that the test moves, with a journal in memory. */
abstract class SupervisorFixture {
  static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
  static final Duration PATIENCE = Duration.ofMinutes(5);
  static final Duration UNIT_DEADLINE = Samples.DEADLINES.unit();

  static ActorTestKit kit;
  static ManualTime time;

  final TestProbe<Learner.Command> learner = kit.createTestProbe();
  final TestProbe<Experience.Command> experience = kit.createTestProbe();
  final TestProbe<Recorder.Command> recorder = kit.createTestProbe();
  final TestProbe<RunOutcome> owner = kit.createTestProbe();
  final TestProbe<Generator.Command> first = kit.createTestProbe();
  final TestProbe<Generator.Command> second = kit.createTestProbe();
  JournalTerms terms = new JournalTerms(UUID.randomUUID().toString(), 0, "settings", 2, false);
  ActorRef<SupervisorCommand> supervisor;
  long asks;
  long order;
  long opening;

  @BeforeAll
  static void open() {
    kit =
        ActorTestKit.create(
            PersistenceTestKitPlugin.config()
                .withFallback(ManualTime.config())
                .withFallback(ConfigFactory.parseResources("troupe-akka.conf"))
                .withFallback(ConfigFactory.load()));
    time = ManualTime.get(kit.system());
  }

  @AfterAll
  static void close() {
    kit.shutdownTestKit();
  }

  void start(StagePlan... stages) {
    spawn(stages);
    supervisor.tell(
        new SupervisorCommand.GeneratorsListed(Set.of(first.getRef(), second.getRef())));
    supervisor.tell(new SupervisorCommand.RewardsListed(1));
    supervisor.tell(new SupervisorCommand.ReferencesListed(1));
    supervisor.tell(new SupervisorCommand.LearnersListed(Set.of(learner.getRef())));
    ordered(Learner.Open.class);
  }

  void spawn(StagePlan... stages) {
    var plan = new RunPlan("test", List.of(stages), Optional.empty(), Limits.USUAL);
    supervisor =
        kit.spawn(
            Supervisor.create(plan, terms, CLOCK, PATIENCE, recorder.getRef(), owner.getRef()));
  }

  void generators(TestProbe<Generator.Command> present) {
    supervisor.tell(new SupervisorCommand.GeneratorsListed(Set.of(present.getRef())));
  }

  <T extends Learner.Order> T ordered(Class<T> type) {
    T given = learner.expectMessageClass(type);
    order = given.number();
    opening = given instanceof Learner.Open ? order : opening;
    return given;
  }

  void opened(String stage) {
    opened(stage, Samples.versions(0));
  }

  void opened(String stage, VersionSet inForce) {
    supervisor.tell(
        new SupervisorCommand.StageOpened(order, stage, List.of(inForce), experience.getRef()));
  }

  void ask(String name, TestProbe<Generator.Command> generator, PolicyVersion held) {
    supervisor.tell(
        new SupervisorCommand.RequestWork(name, generator.getRef(), ++asks, held, null));
  }

  void finish(String name, TestProbe<Generator.Command> generator, WorkUnit unit) {
    complete(unit);
    supervisor.tell(
        new SupervisorCommand.RequestWork(
            name, generator.getRef(), ++asks, unit.policy(), unit.id()));
  }

  void complete(WorkUnit unit) {
    for (Ticket ticket : unit.tickets()) {
      supervisor.tell(
          new SupervisorCommand.GroupReady(Samples.facts(ticket), opening, experience.getRef()));
    }
  }

  void trained(long step) {
    supervisor.tell(
        new SupervisorCommand.Trained(
            order, "grpo", step, new StepResult(Samples.versions(step + 1), Map.of(), 1)));
  }

  WorkUnit granted(TestProbe<Generator.Command> generator) {
    return generator.expectMessageClass(Generator.Grant.class).unit();
  }

  /**
   * A stage of one step is open, and the first of its two units is given to the first generator.
   */
  WorkUnit firstUnit() {
    start(Samples.stage("grpo", 1, 0));
    opened("grpo");
    ask("g1", first, Samples.version(0));
    return granted(first);
  }

  String stopped() {
    recorder.fishForMessage(
        Duration.ofSeconds(3),
        message ->
            message instanceof Recorder.RunEnded ended
                ? tell(ended)
                : FishingOutcomes.continueAndIgnore());
    return assertInstanceOf(RunOutcome.Stopped.class, owner.receiveMessage()).cause();
  }

  FishingOutcome tell(Recorder.RunEnded ended) {
    ended.owner().tell(ended.outcome());
    return FishingOutcomes.complete();
  }
}

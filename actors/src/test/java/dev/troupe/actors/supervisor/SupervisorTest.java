package dev.troupe.actors.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.FishingOutcomes;
import akka.actor.testkit.typed.javadsl.TestProbe;
import dev.troupe.actors.Samples;
import dev.troupe.actors.Totality;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.run.Recorder;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.Pacing;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SupervisorTest extends SupervisorFixture {
  @Test
  void handlesItsWholeProtocol() {
    start(Samples.stage("grpo", 2, 0));
    WorkUnit unit = Samples.unit(Samples.versions(0));
    TestProbe<WaitList> waits = kit.createTestProbe();
    TestProbe<CompanyState> company = kit.createTestProbe();
    var result = new StepResult(Samples.versions(1), Map.of(), 1);
    List<SupervisorCommand> samples =
        List.of(
            new SupervisorCommand.GeneratorsListed(Set.of(first.getRef())),
            new SupervisorCommand.LearnersListed(Set.of(learner.getRef())),
            new SupervisorCommand.RewardsListed(1),
            new SupervisorCommand.ReferencesListed(1),
            new SupervisorCommand.RequestWork("g", first.getRef(), 1, null, null),
            new SupervisorCommand.UnitLost(unit.id(), "g", "cause"),
            new SupervisorCommand.UnitStranded(unit.id(), "g"),
            new SupervisorCommand.GroupReady(
                Samples.facts(unit.tickets().get(0)), 0, experience.getRef()),
            new SupervisorCommand.GroupsRecalled(99, List.of()),
            new SupervisorCommand.StageOpened(
                0, "other", List.of(Samples.versions(0)), experience.getRef()),
            new SupervisorCommand.Trained(0, "other", 0, result),
            new SupervisorCommand.StepRecorded("other", 1),
            new SupervisorCommand.Saved(0, "other", 1),
            new SupervisorCommand.StageConcluded(0, "other", Samples.versions(2)),
            new SupervisorCommand.OrderFailed(0, "cause", Remedy.STOP),
            new SupervisorCommand.Repeat(),
            new SupervisorCommand.RoleFailed("g", "cause", Remedy.REGRANT),
            new SupervisorCommand.Expired(new WaitKey.AnyGenerator()),
            new SupervisorCommand.AskWaits(waits.getRef()),
            new SupervisorCommand.AskCompany(company.getRef()),
            new SupervisorCommand.Retired("g", null),
            new SupervisorCommand.Stop("enough", Duration.ZERO),
            new SupervisorCommand.Drained());

    samples.forEach(supervisor::tell);

    Totality.assertCovers(SupervisorCommand.class, samples);
    waits.expectMessageClass(WaitList.class);
    company.expectMessageClass(CompanyState.class);
    assertEquals("enough", stopped());
  }

  @Test
  void grantsNoWorkWithoutProofOfTheVersion() {
    start(Samples.stage("grpo", 1, 0));
    opened("grpo");

    ask("g1", first, null);
    assertEquals(Samples.version(0), first.expectMessageClass(Generator.Adopt.class).version());

    var forged = new PolicyVersion(0, 0, "f".repeat(64));
    ask("g1", first, forged);
    first.expectMessageClass(Generator.Adopt.class);

    ask("g1", first, Samples.version(0));
    assertEquals(new UnitId("grpo", 0, 0), granted(first).id());
  }

  @Test
  void trainsAStepOnceAllItsGroupsAreComplete() {
    start(Samples.stage("grpo", 2, 0));
    opened("grpo");
    ask("g1", first, Samples.version(0));
    WorkUnit one = granted(first);
    finish("g1", first, one);
    WorkUnit two = granted(first);
    learner.expectNoMessage(Duration.ZERO);

    finish("g1", first, two);

    Learner.Train train = ordered(Learner.Train.class);
    assertEquals(0, train.step());
    assertEquals(2, train.tickets().size());
    first.expectNoMessage(Duration.ZERO); // Step 1 needs the version that is being trained.
    trained(0);
    assertEquals(Samples.version(1), first.expectMessageClass(Generator.Adopt.class).version());
  }

  @Test
  void weightsOfTheRightNumberAndAnotherDigestAreNoProof() {
    start(Samples.stage("grpo", 1, 0));
    opened("grpo");

    ask("g1", first, new PolicyVersion(0, 0, "f".repeat(64)));

    assertEquals(Samples.version(0), first.expectMessageClass(Generator.Adopt.class).version());
  }

  @Test
  void whatWasCompleteBeforeTheStageWasOpenedDoesNotCount() {
    WorkUnit unit = firstUnit();
    supervisor.tell(
        new SupervisorCommand.GroupReady(
            Samples.facts(unit.tickets().get(0)), opening - 1, experience.getRef()));

    // The group that came from before did not close the unit: it is the one that is given again.
    ask("g1", first, Samples.version(0));

    assertEquals(unit, granted(first));
  }

  @Test
  void withStalenessOneTheNextStepIsSampledWhileThisOneTrains() {
    start(Samples.stage("grpo", 3, 1));
    opened("grpo");
    ask("g1", first, Samples.version(0));
    for (int unit = 0; unit < 2; unit++) {
      finish("g1", first, granted(first));
    }
    ordered(Learner.Train.class);

    WorkUnit ahead = granted(first);

    assertEquals(1, ahead.id().step());
    assertEquals(Samples.version(0), ahead.policy());
  }

  @Test
  void withTheNewestPacingWorkIsForTheNewestVersionAndThoseWhoWorkAreToldOfIt() {
    start(Samples.newest("grpo", 3, 1));
    opened("grpo");
    ask("g1", first, Samples.version(0));
    for (int unit = 0; unit < 2; unit++) {
      finish("g1", first, granted(first));
    }
    ordered(Learner.Train.class);
    WorkUnit ahead = granted(first);
    assertEquals(Pacing.NEWEST, ahead.pacing());

    trained(0);

    assertEquals(new Generator.Renew(Samples.version(1)), first.receiveMessage());
    complete(ahead);
    ask("g1", first, Samples.version(0)); // It missed that.
    assertEquals(Samples.version(1), first.expectMessageClass(Generator.Adopt.class).version());
    ask("g1", first, Samples.version(1));
    assertEquals(Samples.version(0), granted(first).policy()); // The oldest that might sample it.
  }

  @Test
  void everyWaitHasADeadlineAndEndsTheRunWithWhatItWasFor() {
    start(Samples.withoutTickets("sft", 1));
    opened("sft");
    ordered(Learner.Train.class);
    TestProbe<WaitList> waits = kit.createTestProbe();
    supervisor.tell(new SupervisorCommand.AskWaits(waits.getRef()));
    Wait wait = waits.receiveMessage().waits().get(0);
    assertEquals("the learner to train step 1 of stage sft", wait.what());
    assertEquals("the run stops", wait.onExpiry());
    assertEquals(Samples.DEADLINES.train(), Duration.between(wait.since(), wait.deadline()));

    time.timePasses(Samples.DEADLINES.train());

    String cause = stopped();
    assertTrue(cause.contains("the learner to train step 1 of stage sft"), cause);
  }

  @Test
  void tellsWhatEverybodyIsDoing() {
    start(Samples.stage("grpo", 1, 0));
    assertEquals("at work: to open stage grpo", doing(company(), "learner"));
    opened("grpo");
    ask("g1", first, null);
    first.expectMessageClass(Generator.Adopt.class);
    assertEquals("taking up a version", doing(company(), "g1"));
    ask("g1", first, Samples.version(0));
    WorkUnit unit = granted(first);

    CompanyState state = company();

    assertEquals("training", state.phase());
    assertEquals("decoding " + unit.id(), doing(state, "g1"));
    assertEquals("idle", doing(state, "learner"));
    assertEquals("idle", doing(state, "reward"));
    assertEquals(1, state.waits().size());
  }

  @Test
  void stopsWhenMostRolloutsCannotBeScored() {
    start(Samples.stage("grpo", 2, 0));
    opened("grpo");
    ask("g1", first, Samples.version(0));
    for (int i = 0; i < 2; i++) {
      WorkUnit unit = granted(first);
      GroupFacts facts = Samples.facts(unit.tickets().get(0));
      supervisor.tell(
          new SupervisorCommand.GroupReady(
              new GroupFacts(
                  facts.ticket(),
                  facts.step(),
                  facts.example(),
                  facts.purpose(),
                  List.of(Double.NaN, i == 0 ? 1.0 : Double.NaN),
                  Collections.nCopies(i + 1, "no server"),
                  4,
                  1,
                  1,
                  0),
              opening,
              experience.getRef()));
      supervisor.tell(
          new SupervisorCommand.RequestWork(
              "g1", first.getRef(), ++asks, unit.policy(), unit.id()));
    }
    ordered(Learner.Train.class);

    trained(0);

    String cause = stopped();
    assertTrue(cause.startsWith("3 of 4 rollouts of one step could not be scored"), cause);
    assertTrue(cause.contains("no server"), cause);
  }

  @Test
  void savesAStepOnlyOnceItIsWrittenDown() {
    start(Samples.withoutTickets("sft", 1));
    opened("sft");
    ordered(Learner.Train.class);
    supervisor.tell(
        new SupervisorCommand.Trained(
            order, "sft", 0, new StepResult(Samples.versions(1), Map.of(), 1)));
    learner.expectNoMessage(Duration.ZERO);

    supervisor.tell(new SupervisorCommand.StepRecorded("sft", 1));
    ordered(Learner.Save.class);
    learner.expectNoMessage(Duration.ZERO);

    supervisor.tell(new SupervisorCommand.Saved(order, "sft", 1));
    ordered(Learner.Conclude.class);
  }

  @Test
  void trainsOnWhileACheckpointIsWrittenButWritesOneAtATime() {
    start(Samples.withoutTickets("sft", 3, 1));
    opened("sft");
    ordered(Learner.Train.class);
    trainedAndRecorded(0);
    long first = ordered(Learner.Save.class).number();
    ordered(Learner.Train.class);
    trainedAndRecorded(1);
    learner.expectNoMessage(Duration.ZERO); // The first checkpoint is not durable.

    supervisor.tell(new SupervisorCommand.Saved(first, "sft", 1));
    Learner.Save second = ordered(Learner.Save.class);
    assertEquals(2, second.stepsDone());
    ordered(Learner.Train.class);
    supervisor.tell(new SupervisorCommand.Saved(second.number(), "sft", 2));
    trainedAndRecorded(2);

    long last = ordered(Learner.Save.class).number();
    learner.expectNoMessage(Duration.ZERO); // The result of the stage is its last checkpoint.
    supervisor.tell(new SupervisorCommand.Saved(last, "sft", 3));
    ordered(Learner.Conclude.class);
  }

  private void trainedAndRecorded(long step) {
    supervisor.tell(
        new SupervisorCommand.Trained(
            order, "sft", step, new StepResult(Samples.versions(step + 1), Map.of(), 1)));
    supervisor.tell(new SupervisorCommand.StepRecorded("sft", step + 1));
  }

  @Test
  void goesThroughItsStagesAndTellsTheDigestOfEach() {
    start(Samples.withoutTickets("a", 0), Samples.withoutTickets("b", 0));
    for (String stage : List.of("a", "b")) {
      opened(stage);
      ordered(Learner.Conclude.class);
      supervisor.tell(new SupervisorCommand.StageConcluded(order, stage, Samples.versions(3)));
      if (stage.equals("a")) {
        ordered(Learner.Open.class);
      }
    }
    recorder.fishForMessage(
        Duration.ofSeconds(3),
        message ->
            message instanceof Recorder.RunEnded ended
                ? tell(ended)
                : FishingOutcomes.continueAndIgnore());

    String digest = Samples.version(3).digest();
    assertEquals(
        new RunOutcome.Completed(Map.of("a", digest, "b", digest)), owner.receiveMessage());
  }

  private CompanyState company() {
    TestProbe<CompanyState> answer = kit.createTestProbe();
    supervisor.tell(new SupervisorCommand.AskCompany(answer.getRef()));
    return answer.receiveMessage();
  }

  private static String doing(CompanyState state, String name) {
    return state.members().stream()
        .filter(member -> member.name().equals(name))
        .findFirst()
        .orElseThrow()
        .doing();
  }
}

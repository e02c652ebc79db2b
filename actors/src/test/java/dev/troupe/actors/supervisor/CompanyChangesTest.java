package dev.troupe.actors.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.FishingOutcomes;
import akka.actor.testkit.typed.javadsl.TestProbe;
import dev.troupe.actors.Samples;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.run.Recorder;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Members of the company come, go, fail and are silent. */
class CompanyChangesTest extends SupervisorFixture {
  @Test
  void aUnitThatMissesItsDeadlineGoesToAnotherGenerator() {
    WorkUnit lost = firstUnit();
    ask("g2", second, Samples.version(0));
    finish("g2", second, granted(second));

    time.timePasses(UNIT_DEADLINE);

    assertEquals(lost, granted(second));
  }

  @Test
  void aLateGroupOfAUnitThatWasGivenUpStillCounts() {
    WorkUnit slow = firstUnit();
    ask("g2", second, Samples.version(0));
    finish("g2", second, granted(second));
    time.timePasses(UNIT_DEADLINE);
    granted(second);

    complete(slow); // Both generators send the same group; the first one wins.
    complete(slow);

    ordered(Learner.Train.class);
    learner.expectNoMessage(Duration.ZERO);
  }

  @Test
  void stopsWithASentenceWhenAUnitIsLostTwice() {
    WorkUnit unit = firstUnit();
    supervisor.tell(new SupervisorCommand.UnitLost(unit.id(), "g1", "out of memory"));
    ask("g1", first, Samples.version(0));
    assertEquals(unit, granted(first));

    supervisor.tell(new SupervisorCommand.UnitLost(unit.id(), "g1", "out of memory"));

    assertEquals(
        "Work unit grpo/step 0/unit 0 was given out 2 times without success: out of memory.",
        stopped());
  }

  @Test
  void aUnitIsNotToBlameForGroupsThatDoNotArrive() {
    WorkUnit unit = firstUnit();

    for (int i = 0; i < 6; i++) { // More than a unit may fail, and may lose generators.
      supervisor.tell(new SupervisorCommand.UnitStranded(unit.id(), "g1"));
      ask("g1", first, Samples.version(0));
      assertEquals(unit, granted(first));
    }

    generators(second);
    ask("g2", second, Samples.version(0));
    assertEquals(unit, granted(second));
    supervisor.tell(new SupervisorCommand.UnitLost(unit.id(), "g2", "out of memory"));
    ask("g2", second, Samples.version(0));
    assertEquals(unit, granted(second)); // That was the first of the two times that it may fail.
  }

  @Test
  void aUnitIsNotToBlameForGeneratorsThatAreOutOfReach() {
    WorkUnit unit = firstUnit();
    generators(second);
    ask("g2", second, Samples.version(0));
    assertEquals(unit, granted(second));
    generators(first);
    ask("g1", first, Samples.version(0));
    assertEquals(unit, granted(first));

    supervisor.tell(new SupervisorCommand.UnitLost(unit.id(), "g1", "out of memory"));

    ask("g1", first, Samples.version(0));
    assertEquals(unit, granted(first));
  }

  @Test
  void givesTheUnitOfAGeneratorThatWasStartedAgainToTheNext() {
    WorkUnit forgotten = firstUnit();

    ask("g1", first, null);
    first.expectMessageClass(Generator.Adopt.class);
    ask("g1", first, Samples.version(0));

    assertEquals(forgotten, granted(first));
  }

  @Test
  void goesOnWithoutAGeneratorThatDoesNotTakeUpItsVersionAndNotForEverWithoutAny() {
    start(Samples.stage("grpo", 1, 0));
    opened("grpo");
    ask("g1", first, null);
    first.expectMessageClass(Generator.Adopt.class); // And is never heard of again.
    time.timePasses(Samples.DEADLINES.generate());
    recorder.fishForMessage(
        Duration.ofSeconds(3),
        message ->
            message instanceof Recorder.Warned warned
                    && warned.sentence().contains("g1 did not take up a policy version in time")
                ? FishingOutcomes.complete()
                : FishingOutcomes.continueAndIgnore());

    time.timePasses(Samples.DEADLINES.generate());

    String cause = stopped();
    assertTrue(cause.contains("a generator to ask for work"), cause);
  }

  @Test
  void reopensAStageOnceAfterTheLearnerFailed() {
    start(Samples.withoutTickets("sft", 2));
    opened("sft");
    ordered(Learner.Train.class);

    supervisor.tell(new SupervisorCommand.OrderFailed(order, "NaN", Remedy.REOPEN));
    ordered(Learner.Open.class);
    supervisor.tell(new SupervisorCommand.OrderFailed(order, "NaN", Remedy.REOPEN));

    assertEquals("NaN", stopped());
  }

  @Test
  void beginsOnlyOnceEveryNeededRoleIsPlayedAndSaysWhichOneIsMissing() {
    spawn(Samples.stage("grpo", 1, 0));
    generators(first);
    supervisor.tell(new SupervisorCommand.LearnersListed(Set.of(learner.getRef())));
    TestProbe<WaitList> waits = kit.createTestProbe();
    supervisor.tell(new SupervisorCommand.AskWaits(waits.getRef()));
    waits.expectMessageClass(WaitList.class);
    learner.expectNoMessage(Duration.ZERO);

    time.timePasses(PATIENCE);

    String cause = stopped();
    assertTrue(cause.contains("a node that plays the role reward"), cause);
  }

  @Test
  void whatALostGeneratorHadGoesToAnotherAtOnce() {
    WorkUnit lost = firstUnit();
    ask("g2", second, Samples.version(0));
    finish("g2", second, granted(second));

    generators(second);

    assertEquals(lost, granted(second));
  }

  @Test
  void aUnitThatLosesEveryGeneratorIsTakenForTheCause() {
    start(Samples.stage("grpo", 1, 0));
    opened("grpo");

    for (int loss = 0; loss < 5; loss++) {
      TestProbe<Generator.Command> victim = kit.createTestProbe();
      generators(victim);
      ask("g" + loss, victim, Samples.version(0));
      granted(victim);
    }
    generators(first);

    String cause = stopped();
    assertTrue(cause.contains("lost every generator that had it: g4 is out of reach"), cause);
  }

  @Test
  void anAskThatComesAgainGetsTheSameAnswerAgain() {
    WorkUnit unit = firstUnit();

    supervisor.tell(
        new SupervisorCommand.RequestWork("g1", first.getRef(), asks, Samples.version(0), null));

    assertEquals(unit, granted(first));
  }

  @Test
  void anOrderIsGivenAgainUntilItIsAnswered() {
    start(Samples.withoutTickets("sft", 1));

    time.timePasses(Duration.ofSeconds(10));

    assertEquals(order, learner.expectMessageClass(Learner.Open.class).number());
  }

  @Test
  void anotherLearnerTakesTheStageOverFromItsCheckpoint() {
    start(Samples.withoutTickets("sft", 2));
    opened("sft");
    ordered(Learner.Train.class);
    TestProbe<Learner.Command> other = kit.createTestProbe();

    supervisor.tell(new SupervisorCommand.LearnersListed(Set.of()));
    supervisor.tell(new SupervisorCommand.LearnersListed(Set.of(other.getRef())));
    trained(0); // Too late: the step is trained again by the other.

    assertEquals("sft", other.expectMessageClass(Learner.Open.class).stage());
    other.expectNoMessage(Duration.ZERO);
  }
}

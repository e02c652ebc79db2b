package dev.troupe.actors.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.FishingOutcomes;
import akka.actor.testkit.typed.javadsl.TestProbe;
import dev.troupe.actors.Samples;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.run.Recorder;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A run that is asked to end and given time for it. */
class OrderlyEndTest extends SupervisorFixture {
  /** Shorter than a learner may take for a step: two timers must not ring at the same moment. */
  private static final Duration GRACE = Samples.DEADLINES.train().dividedBy(2);

  private static final SupervisorCommand.Stop DRAIN = new SupervisorCommand.Stop("Enough.", GRACE);

  private WorkUnit grantedUnit() {
    start(Samples.stage("grpo", 8, 0));
    opened("grpo");
    ask("g1", first, Samples.version(0));
    return granted(first);
  }

  /** Both units of a step are decoded and scored. */
  private void training() {
    finish("g1", first, grantedUnit());
    finish("g1", first, granted(first));
    ordered(Learner.Train.class);
  }

  private void recorded(long steps) {
    supervisor.tell(new SupervisorCommand.StepRecorded("grpo", steps));
  }

  private String paused() {
    recorder.fishForMessage(
        Duration.ofSeconds(30),
        message ->
            message instanceof Recorder.RunEnded ended
                ? tell(ended)
                : FishingOutcomes.continueAndIgnore());
    return assertInstanceOf(RunOutcome.Paused.class, owner.receiveMessage(Duration.ofSeconds(30)))
        .sentence();
  }

  /** Asks for the end, and returns when the supervisor has begun to count the grace. */
  private void drain() {
    TestProbe<WaitList> asker = kit.createTestProbe();
    supervisor.tell(DRAIN);
    supervisor.tell(new SupervisorCommand.AskWaits(asker.getRef()));
    asker.expectMessageClass(WaitList.class);
  }

  @Test
  void theStepUnderWayIsTrainedAndSavedAndNothingIsBegun() {
    training();

    supervisor.tell(DRAIN);
    trained(0);
    learner.expectNoMessage(Duration.ZERO); // First the step is written down.
    recorded(1);
    Learner.Save save = ordered(Learner.Save.class);
    assertEquals(1, save.stepsDone());
    ask("g1", first, Samples.version(1));
    supervisor.tell(new SupervisorCommand.Saved(save.number(), "grpo", 1));

    assertTrue(paused().contains("stage grpo, step 1 of 8"));
    first.expectNoMessage(Duration.ZERO);
  }

  @Test
  void aUnitThatIsBeingDecodedGetsIntoTheLedgerBeforeTheEnd() {
    WorkUnit unit = grantedUnit();

    supervisor.tell(DRAIN);
    owner.expectNoMessage(Duration.ZERO);
    complete(unit);

    assertTrue(paused().contains("step 0 of 8"));
    learner.expectNoMessage(Duration.ZERO); // Though the groups of a step are complete.
  }

  @Test
  void aUnitThatDoesNotComeInTimeIsNotWaitedForBecauseAllThatWasTrainedIsSaved() {
    grantedUnit();

    drain();
    time.expectNoMessageFor(GRACE.minusMillis(1), owner);
    time.timePasses(Duration.ofMillis(1));

    assertTrue(paused().contains("step 0 of 8"));
  }

  @Test
  void aStepThatIsNotTrainedInTimeIsNoOrderlyEnd() {
    training();

    drain();
    time.expectNoMessageFor(GRACE.minusMillis(1), owner);
    time.timePasses(Duration.ofMillis(1));

    assertTrue(stopped().contains("that step is done again"));
  }

  @Test
  void
      whatAGeneratorThatLeavesInOrderHasNotBegunGoesToAnotherAtOnceAndDoesNotCountAgainstTheUnit() {
    WorkUnit unit = grantedUnit();

    for (int i = 0; i < 20; i++) { // More often than any unit may be lost.
      supervisor.tell(new SupervisorCommand.Retired("g1", null));
      ask("g1", first, Samples.version(0));
      assertEquals(unit.id(), granted(first).id());
    }
    supervisor.tell(new SupervisorCommand.Retired("g1", null));
    ask("g2", second, Samples.version(0));

    assertEquals(unit.id(), second.expectMessageClass(Generator.Grant.class).unit().id());
  }
}

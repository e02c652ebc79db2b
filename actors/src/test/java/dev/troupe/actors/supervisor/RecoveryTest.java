package dev.troupe.actors.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.FishingOutcomes;
import akka.persistence.testkit.javadsl.PersistenceTestKit;
import dev.troupe.actors.Samples;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.journal.Decision;
import dev.troupe.actors.journal.JournalTerms;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.runtime.model.PolicyVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The supervisor ends without a word, as with its process, and another reads its journal. */
class RecoveryTest extends SupervisorFixture {
  private static final double LOSS = 0.5;

  /** Starts with the journal that is there, as the next start of the same command does. */
  private void restart(StagePlan... stages) {
    kit.stop(supervisor);
    terms =
        new JournalTerms(
            terms.id(),
            terms.epoch() + 1,
            terms.settings(),
            terms.checkpointsKept(),
            terms.acceptsDifferences());
    start(stages);
  }

  /** The versions of this epoch, whose digests are those of every epoch. */
  private VersionSet versions(long step) {
    return new VersionSet(
        step,
        new PolicyVersion(terms.epoch(), step, Samples.version(step).digest()),
        ScoringModels.NONE);
  }

  private void sample(long step) {
    ask("g1", first, versions(step).policy());
    finish("g1", first, granted(first));
    finish("g1", first, granted(first));
  }

  private Learner.Train trained(VersionSet result, double loss) {
    Learner.Train train = ordered(Learner.Train.class);
    supervisor.tell(
        new SupervisorCommand.Trained(
            order, train.stage(), train.step(), new StepResult(result, Map.of("loss", loss), 1)));
    return train;
  }

  /** Two steps of a stage are trained, none is saved. */
  private void trainTwoSteps(StagePlan stage) {
    start(stage);
    opened("grpo", versions(0));
    sample(0);
    trained(versions(1), LOSS);
    first.expectMessageClass(Generator.Adopt.class);
    sample(1);
    trained(versions(2), LOSS);
    first.expectMessageClass(Generator.Adopt.class); // The step is in the journal.
  }

  private Experience.Recall recalled() {
    return told(Experience.Recall.class);
  }

  /** The next message of a type that the experience gets; fishing ends with it. */
  private <T extends Experience.Command> T told(Class<T> type) {
    List<Experience.Command> caught =
        experience.fishForMessage(
            Duration.ofSeconds(3),
            message ->
                type.isInstance(message)
                    ? FishingOutcomes.complete()
                    : FishingOutcomes.continueAndIgnore());
    return type.cast(caught.get(0));
  }

  private void answer(Experience.Recall recall, List<Ticket> held) {
    supervisor.tell(
        new SupervisorCommand.GroupsRecalled(
            recall.ask(), held.stream().map(Samples::facts).toList()));
  }

  @Test
  void groupsThatTheLedgerHoldsAreNotSampledAgain() {
    StagePlan stage = Samples.stage("grpo", 3, 0);
    trainTwoSteps(stage);

    restart(stage);
    ask("g1", first, versions(0).policy());
    opened("grpo", versions(0));
    Experience.Recall recall = recalled();
    assertEquals(2, recall.tickets().size());
    assertEquals(versions(0).policy(), recall.tickets().get(0).policy());
    first.expectNoMessage(Duration.ZERO); // Nobody samples before the answer.
    answer(recall, recall.tickets());

    assertEquals(0, trained(versions(1), LOSS).step());
    answer(recalled(), List.of()); // Of step 1 the ledger has lost everything.
    assertEquals(versions(1).policy(), first.expectMessageClass(Generator.Adopt.class).version());
    sample(1);
    trained(versions(2), LOSS);
    // Step 2 could be sampled before the crash.
    answer(recalled(), List.of());
    assertEquals(versions(2).policy(), first.expectMessageClass(Generator.Adopt.class).version());
  }

  @Test
  void aUnitOfWhichTheLedgerHoldsAPartIsSampledAsAWhole() {
    StagePlan stage = Samples.comparing("essa", 1, 1); // Both prompts of a step in one unit.
    start(stage);
    opened("essa");
    ask("g1", first, Samples.version(0));
    WorkUnit unit = granted(first);

    restart(stage);
    opened("essa");
    Experience.Recall recall = recalled();
    answer(recall, recall.tickets().subList(0, 1));
    ask("g1", first, Samples.version(0));

    assertEquals(unit, granted(first));
    supervisor.tell(
        new SupervisorCommand.GroupReady(
            Samples.facts(unit.tickets().get(1)), opening, experience.getRef()));
    assertEquals(2, ordered(Learner.Train.class).tickets().size());
  }

  @Test
  void aStageThatWasNeverOpenedHasNothingToRecall() {
    start(Samples.stage("grpo", 1, 0));
    opened("grpo");
    ask("g1", first, Samples.version(0));
    granted(first);

    experience.expectNoMessage(Duration.ZERO);
  }

  @Test
  void theLedgerIsAskedAgainUntilItAnswers() {
    StagePlan stage = Samples.stage("grpo", 1, 0);
    start(stage);
    opened("grpo");
    restart(stage);
    opened("grpo");
    Experience.Recall recall = recalled();

    time.timePasses(Duration.ofSeconds(10));

    assertEquals(recall.ask(), recalled().ask());
  }

  @Test
  void aStepThatComesToOtherWeightsThanBeforeEndsTheRunWithBothDigests() {
    StagePlan stage = Samples.stage("grpo", 3, 0);
    trainTwoSteps(stage);
    restart(stage);
    opened("grpo", versions(0));
    Experience.Recall recall = recalled();
    answer(recall, recall.tickets());
    var other = new PolicyVersion(terms.epoch(), 1, "f".repeat(64));

    trained(new VersionSet(1, other, ScoringModels.NONE), LOSS);

    assertEquals(
        "Step 1 of stage grpo, done again after a restart, came to weights %s, but the journal has weights %s: the machine, the program or the data are not what they were. Go on where the run was before, or accept the other result by adding journal.differences=accept to the command."
            .formatted("f".repeat(64), Samples.version(1).digest()),
        stopped());
  }

  @Test
  void aStepWhoseWeightsNobodySamplesWithIsToldByItsLoss() {
    StagePlan stage = Samples.withoutTickets("sft", 3);
    start(stage);
    opened("sft");
    trained(Samples.versions(1), LOSS);
    ordered(Learner.Train.class);
    restart(stage);
    opened("sft");

    trained(Samples.versions(1), Math.nextUp(LOSS));

    String cause = stopped();
    assertTrue(
        cause.contains("came to a loss of 0.5000000000000001, but the journal has 0.5"), cause);
  }

  @Test
  void anotherResultIsAcceptedWherePeopleSaySo() {
    StagePlan stage = Samples.withoutTickets("sft", 3);
    start(stage);
    opened("sft");
    trained(Samples.versions(1), LOSS);
    ordered(Learner.Train.class);
    terms = new JournalTerms(terms.id(), 0, terms.settings(), 2, true);
    restart(stage);
    opened("sft");

    trained(Samples.versions(1), 2 * LOSS);

    assertEquals(1, ordered(Learner.Train.class).step());
  }

  @Test
  void aJournalOfOtherSettingsIsRefusedAndNothingIsDone() {
    StagePlan stage = Samples.withoutTickets("sft", 1);
    start(stage);
    kit.stop(supervisor);
    terms = new JournalTerms(terms.id(), 1, "others", 2, false);

    spawn(stage);

    var refused = owner.expectMessageClass(RunOutcome.Stopped.class);
    assertEquals(
        "The journal belongs to run test with other settings (digest settings, not others); put back the folder journal that belongs here, or give this run another name or directory to start it anew.",
        refused.cause());
  }

  @Test
  void aCheckpointThatTheJournalDoesNotKnowIsRefused() {
    start(Samples.stage("grpo", 4, 0));

    opened("grpo", versions(2));

    assertEquals(
        "Stage grpo has a checkpoint of step 2, but the journal knows of 0 steps only; put back the folder journal that belongs here, or give this run another name or directory to start it anew.",
        stopped());
  }

  @Test
  void aCheckpointOfOtherWeightsIsRefused() {
    StagePlan stage = Samples.stage("grpo", 4, 0);
    trainTwoSteps(stage);
    restart(stage);

    opened("grpo", new VersionSet(1, new PolicyVersion(1, 1, "f".repeat(64)), ScoringModels.NONE));

    String cause = stopped();
    assertTrue(
        cause.startsWith("The checkpoint of step 1 of stage grpo has weights " + "f".repeat(64)),
        cause);
  }

  /** Trains a stage of two steps without tickets, and saves it. */
  private void trainAndSave(StagePlan... stages) {
    start(stages);
    opened("sft");
    trained(Samples.versions(1), LOSS);
    trained(Samples.versions(2), LOSS);
    supervisor.tell(new SupervisorCommand.StepRecorded("sft", 2));
    ordered(Learner.Save.class);
    supervisor.tell(new SupervisorCommand.Saved(order, "sft", 2));
    ordered(Learner.Conclude.class);
  }

  @Test
  void aStageThatWasSavedAndHasNoCheckpointIsRefused() {
    StagePlan stage = Samples.withoutTickets("sft", 2);
    trainAndSave(stage);
    restart(stage);

    opened("sft");

    assertEquals(
        "The journal says that step 2 of stage sft was saved, but there is no checkpoint of the stage; put back the folder checkpoints, or give this run another name or directory to start it anew.",
        stopped());
  }

  @Test
  void aStageOfOneStepIsSimplyDoneAgain() {
    StagePlan stage = Samples.withoutTickets("sft", 1);
    start(stage);
    opened("sft");
    trained(Samples.versions(1), LOSS);
    supervisor.tell(new SupervisorCommand.StepRecorded("sft", 1));
    ordered(Learner.Save.class);
    supervisor.tell(new SupervisorCommand.Saved(order, "sft", 1));
    ordered(Learner.Conclude.class);
    restart(stage);

    opened("sft");

    assertEquals(0, trained(Samples.versions(1), LOSS).step());
  }

  private String warned() {
    var warnings = new ArrayList<String>();
    recorder.fishForMessage(
        Duration.ofSeconds(3),
        message -> {
          if (message instanceof Recorder.Warned warned) {
            warnings.add(warned.sentence());
            return FishingOutcomes.complete();
          }
          return FishingOutcomes.continueAndIgnore();
        });
    return warnings.get(0);
  }

  /** The first of two stages is done; its last checkpoint is gone when the run starts again. */
  private void loseTheResultOfADoneStage() {
    StagePlan stage = Samples.withoutTickets("sft", 2);
    StagePlan next = Samples.withoutTickets("last", 1);
    trainAndSave(stage, next);
    supervisor.tell(new SupervisorCommand.StageConcluded(order, "sft", Samples.versions(2)));
    ordered(Learner.Open.class);
    restart(stage, next);
    opened("sft", Samples.versions(1));
    assertEquals(
        "Stage sft goes on from its checkpoint of step 1, because that of step 2 is damaged or missing; the steps between are trained again and must come to the same.",
        warned());
    assertEquals(1, trained(Samples.versions(2), LOSS).step());
    supervisor.tell(new SupervisorCommand.StepRecorded("sft", 2));
    ordered(Learner.Save.class);
    supervisor.tell(new SupervisorCommand.Saved(order, "sft", 2));
    ordered(Learner.Conclude.class);
  }

  @Test
  void theLostResultOfADoneStageIsTrainedAgain() {
    loseTheResultOfADoneStage();

    supervisor.tell(new SupervisorCommand.StageConcluded(order, "sft", Samples.versions(2)));

    assertEquals("last", ordered(Learner.Open.class).stage());
  }

  @Test
  void aDoneStageThatIsTrainedAgainMustComeToTheSame() {
    loseTheResultOfADoneStage();

    supervisor.tell(new SupervisorCommand.StageConcluded(order, "sft", Samples.versions(7)));

    String cause = stopped();
    assertTrue(cause.startsWith("Stage sft, done again after a restart, came to weights "), cause);
  }

  @Test
  void theLedgerMayForgetWhatLiesBeforeTheOldestCheckpointThatIsKept() {
    StagePlan stage = Samples.stage("grpo", 4, 0);
    terms = new JournalTerms(terms.id(), 0, terms.settings(), 1, false);
    start(stage);
    opened("grpo", versions(0));
    for (long step = 0; step < 4; step++) {
      sample(step);
      trained(versions(step + 1), LOSS);
      if (step < 3) {
        first.expectMessageClass(Generator.Adopt.class);
      }
    }
    supervisor.tell(new SupervisorCommand.StepRecorded("grpo", 4));
    ordered(Learner.Save.class);

    supervisor.tell(new SupervisorCommand.Saved(order, "grpo", 4));

    // Two tickets a step, of which the first four steps' are no longer needed.
    assertEquals(new Experience.Release("grpo", 8), told(Experience.Release.class));
  }

  @Test
  void everyDecisionIsInTheJournalInItsOrder() {
    start(Samples.withoutTickets("sft", 1), Samples.withoutTickets("last", 0));
    opened("sft");
    trained(Samples.versions(1), LOSS);
    supervisor.tell(new SupervisorCommand.StepRecorded("sft", 1));
    ordered(Learner.Save.class);
    supervisor.tell(new SupervisorCommand.Saved(order, "sft", 1));
    for (String stage : List.of("sft", "last")) {
      ordered(Learner.Conclude.class);
      supervisor.tell(new SupervisorCommand.StageConcluded(order, stage, Samples.versions(1)));
      if (stage.equals("sft")) {
        ordered(Learner.Open.class);
        opened("last");
      }
    }
    recorder.fishForMessage(
        Duration.ofSeconds(3),
        message ->
            message instanceof Recorder.RunEnded
                ? FishingOutcomes.complete()
                : FishingOutcomes.continueAndIgnore());

    assertEquals(
        List.of(
            Decision.RunBegun.class,
            Decision.StageOpened.class,
            Decision.StepTrained.class,
            Decision.CheckpointSaved.class,
            Decision.StageConcluded.class,
            Decision.StageOpened.class,
            Decision.StageConcluded.class,
            Decision.RunEnded.class),
        PersistenceTestKit.create(kit.system()).persistedInStorage(terms.id()).stream()
            .map(Object::getClass)
            .toList());
  }
}

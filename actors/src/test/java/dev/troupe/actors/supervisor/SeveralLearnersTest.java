package dev.troupe.actors.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import dev.troupe.actors.Samples;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.stage.Limits;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.runtime.record.Metric;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who trains, when there are several learners. */
class SeveralLearnersTest extends SupervisorFixture {
  private static final StagePlan STAGE =
      new StagePlan(
          "sft", "sft", 4, 0, Optional.empty(), 0, true, 1, Samples.DEADLINES, Metric.LOSS);

  private final TestProbe<Learner.Command> other = kit.createTestProbe();

  private void begin(boolean isShared) {
    RunPlan plan =
        new RunPlan("test", List.of(STAGE), Optional.empty(), Limits.USUAL)
            .withLearners(2, name -> isShared);
    supervisor =
        kit.spawn(
            Supervisor.create(plan, terms, CLOCK, PATIENCE, recorder.getRef(), owner.getRef()));
    learners(Set.of(learner.getRef()));
    TestProbe<WaitList> asker = kit.createTestProbe();
    supervisor.tell(new SupervisorCommand.AskWaits(asker.getRef()));
    assertEquals(
        "2 nodes that play the role learner (start one with: troupe node --roles learner --seed-nodes HOST:PORT)",
        asker.expectMessageClass(WaitList.class).waits().get(0).what());
    learners(Set.of(learner.getRef(), other.getRef()));
  }

  private void learners(Set<ActorRef<Learner.Command>> present) {
    supervisor.tell(new SupervisorCommand.LearnersListed(present));
  }

  private List<ActorRef<Learner.Command>> followers() {
    return ordered(Learner.Open.class).followers();
  }

  @Test
  void aRunBeginsWithAsManyAsAreWantedAndGoesOnWithThoseThatRemain() {
    begin(true);
    assertEquals(List.of(other.getRef()), followers());

    learners(Set.of(learner.getRef()));

    assertEquals(List.of(), followers());
  }

  @Test
  void aStageThatCannotBeSharedHasOneAndTheLossOfOthersDoesNotMatter() {
    begin(false);
    assertEquals(List.of(), followers());

    learners(Set.of(learner.getRef()));

    learner.expectNoMessage(Duration.ZERO);
  }

  @Test
  void oneThatComesLateIsTakenInAfterTheNextCheckpoint() {
    begin(true);
    followers();
    learners(Set.of(learner.getRef()));
    followers();
    opened("sft");
    ordered(Learner.Train.class);
    learners(Set.of(learner.getRef(), other.getRef()));
    learner.expectNoMessage(Duration.ZERO);

    supervisor.tell(
        new SupervisorCommand.Trained(
            order, "sft", 0, new StepResult(Samples.versions(1), Map.of(), 1)));
    supervisor.tell(new SupervisorCommand.StepRecorded("sft", 1));
    long save = ordered(Learner.Save.class).number();
    ordered(Learner.Train.class); // Meanwhile the next step is trained, and then trained again.
    supervisor.tell(new SupervisorCommand.Saved(save, "sft", 1));

    assertEquals(List.of(other.getRef()), followers());
  }
}

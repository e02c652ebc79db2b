package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.algorithms.offpolicy.StalenessBound;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StagePlanTest {

  private static List<Long> samplingSteps(StagePlan stage) {
    return LongStream.range(0, 5).map(stage::samplingStep).boxed().toList();
  }

  private static StagePlan frozen() {
    StagePlan plan = Samples.stage("dpo", 5, 0);
    return new StagePlan(
        plan.name(),
        "dpo",
        plan.steps(),
        0,
        plan.tickets(),
        0,
        true,
        2,
        plan.deadlines(),
        plan.keyMetric());
  }

  @Test
  void stepKSamplesWithVersionKLessTheStaleness() {
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L), samplingSteps(Samples.stage("grpo", 5, 0)));
    assertEquals(List.of(0L, 0L, 1L, 2L, 3L), samplingSteps(Samples.stage("grpo", 5, 1)));
    assertEquals(List.of(0L, 0L, 0L, 1L, 2L), samplingSteps(Samples.stage("grpo", 5, 2)));
    assertEquals(List.of(0L, 0L, 0L, 0L, 0L), samplingSteps(frozen()));
  }

  @Test
  void plansAsFarAheadAsTheStalenessAllowsAndNotPastTheEnd() {
    assertEquals(1, Samples.stage("grpo", 5, 0).plannableBefore(0));
    assertEquals(4, Samples.stage("grpo", 5, 1).plannableBefore(2));
    assertEquals(5, Samples.stage("grpo", 5, 1).plannableBefore(5));
    assertEquals(2, frozen().plannableBefore(0));
  }

  @Test
  void plansExactlyAsManyGroupsAsTheStalenessBoundAdmits() {
    for (int staleness = 0; staleness < 4; staleness++) {
      StagePlan stage = Samples.stage("grpo", 1000, staleness);
      int prompts = stage.tickets().orElseThrow().prompts();
      var bound = new StalenessBound(prompts, staleness, Integer.MAX_VALUE);
      for (long version = 0; version < 20; version++) {
        // Of what is planned, the groups of steps below the version were accepted.
        long accepted = bound.acceptedAfterRestore(version);
        long running = stage.plannableBefore(version) * prompts - accepted;
        assertEquals(0, bound.allowed(version, accepted, running), "version " + version);
        assertEquals(1, bound.allowed(version, accepted, running - 1), "version " + version);
      }
    }
  }

  @Test
  void everyPlannableStepIsBoundToAVersionThatIsPublished() {
    for (int staleness = 0; staleness < 4; staleness++) {
      StagePlan stage = Samples.stage("grpo", 20, staleness);
      for (long trained = 0; trained < 20; trained++) {
        long last = stage.plannableBefore(trained) - 1;
        assertEquals(true, stage.samplingStep(last) <= trained, "trained=" + trained);
      }
    }
  }

  @Test
  void theLastStepIsAlwaysACheckpoint() {
    assertEquals(
        List.of(2L, 4L, 5L),
        LongStream.rangeClosed(1, 5).filter(frozen()::isCheckpoint).boxed().toList());
  }

  @Test
  void ticketsAreNumberedOverAllStepsAndBundledInTheirOrder() {
    TicketPlan plan =
        new TicketPlan(
            "grpo",
            Purpose.TRAINING,
            7,
            5,
            2,
            2,
            Samples.tickets("grpo", 1).sampling(),
            position -> (int) (position * 10));

    List<WorkUnit> units = plan.units(3, Samples.versions(3));

    assertEquals(List.of(2, 2, 1), units.stream().map(unit -> unit.tickets().size()).toList());
    List<Ticket> tickets = units.stream().flatMap(unit -> unit.tickets().stream()).toList();
    assertEquals(plan.tickets(3), tickets.stream().map(Ticket::id).toList());
    // Step 3 with 5 prompts a step begins at position 15 of the stream.
    assertEquals(List.of(150, 160, 170, 180, 190), tickets.stream().map(Ticket::example).toList());
  }

  @Test
  void candidatesOfAStepAnswerTheSamePromptsWithTheSameRandomNumbersInUnitsOfTheirOwn() {
    StagePlan stage = Samples.comparing("essa", 5, 3);
    TicketPlan plan = stage.tickets().orElseThrow();

    List<WorkUnit> units = plan.units(4, Samples.candidates(4, 3));

    // Step 4 of 2 prompts begins at draw 8, and with 3 candidates at ticket 24.
    assertEquals(3, units.size());
    for (int candidate = 0; candidate < 3; candidate++) {
      WorkUnit unit = units.get(candidate);
      assertEquals(Samples.candidates(4, 3).candidates().get(candidate), unit.policy());
      assertEquals(List.of(8L, 9L), unit.tickets().stream().map(Ticket::draw).toList());
      assertEquals(List.of(8, 9), unit.tickets().stream().map(Ticket::example).toList());
    }
    List<TicketId> ids =
        units.stream().flatMap(unit -> unit.tickets().stream()).map(Ticket::id).toList();
    assertEquals(plan.tickets(4), ids);
    assertEquals(new TicketId("essa", 24), ids.get(0));
    assertThrows(IllegalArgumentException.class, () -> plan.units(4, Samples.versions(4)));
  }

  @Test
  void candidatesAreNumberedBetweenTheirPolicyAndTheNext() {
    assertEquals(3, Samples.stage("grpo", 5, 0).version(3));
    assertEquals(3 * 4, Samples.comparing("essa", 5, 3).version(3));
    PolicyVersion policy = Samples.version(4);
    assertThrows(
        IllegalArgumentException.class,
        () -> new VersionSet(1, policy, ScoringModels.NONE, List.of(policy)));
  }
}

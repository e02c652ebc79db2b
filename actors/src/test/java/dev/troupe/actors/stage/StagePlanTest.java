package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.WorkUnit;
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
}

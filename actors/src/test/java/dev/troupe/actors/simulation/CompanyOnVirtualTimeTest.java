package dev.troupe.actors.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.simulation.Company.Kind;
import dev.troupe.actors.stage.Deadlines;
import dev.troupe.actors.stage.Limits;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.record.Metric;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompanyOnVirtualTimeTest {
  private static StagePlan stage(long steps, int prompts, int samples, int staleness) {
    return new StagePlan(
        "grpo",
        "grpo",
        steps,
        0,
        Optional.of(
            new TicketPlan(
                "grpo",
                Purpose.TRAINING,
                7,
                prompts,
                samples,
                1,
                Sampling.plain(64, List.of(2)),
                draw -> 0)),
        staleness,
        false,
        4,
        new Deadlines(
            Duration.ofMinutes(40),
            Duration.ofMinutes(2),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10)),
        Metric.REWARD_MEAN);
  }

  @Test
  void anUndisturbedRunEndsWithTheExpectedWeights() {
    StagePlan stage = stage(10, 20, 4, 1);
    try (var company = new Company(new World(1), stage, Limits.USUAL)) {
      company.startLearner();
      for (int i = 0; i < 8; i++) {
        company.join(Kind.GENERATOR, "generator-" + i);
      }
      company.join(Kind.REWARD, "reward");
      company.join(Kind.REFERENCE, "reference");
      company.passUntilItEnds(Duration.ofDays(1));
      assertEquals(
          Optional.of(
              new RunOutcome.Completed(Map.of("grpo", Content.digest(Content.expected(stage))))),
          company.outcome());
      assertEquals(List.of(), company.storage().violations());
    }
  }
}

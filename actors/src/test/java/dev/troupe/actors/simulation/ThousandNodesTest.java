package dev.troupe.actors.simulation;

import static dev.troupe.actors.simulation.SimulatedRun.stage;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.simulation.Company.Kind;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class ThousandNodesTest {
  private static final int GENERATORS = 970;

  /** Work units of a step, of ten completions each: two for each generator. */
  private static final int PROMPTS = 2000;

  private static final int STEPS = Integer.getInteger("troupe.simulation.steps", 84);

  @Test
  void aDayOfAThousandNodesAndTenThousandCompletionsAtATime() {
    long begin = System.nanoTime();
    try (SimulatedRun run =
        new SimulatedRun(1, stage(STEPS, PROMPTS, 10, 2)).with(GENERATORS, 15, 15)) {
      run.world.network().lose(1e-4);
      run.weather(1)
          .losses(Kind.GENERATOR, Duration.ofMinutes(1))
          .losses(Kind.REWARD, Duration.ofHours(1))
          .losses(Kind.REFERENCE, Duration.ofHours(1))
          .learnerLosses(Duration.ofHours(6))
          .officeLosses(Duration.ofHours(10))
          .freezes(Duration.ofMinutes(5))
          .partitions(Duration.ofHours(2))
          .engineFaults(Duration.ofMinutes(10));
      run.endsAsIfNothingHadHappened();
      Duration simulated = run.world.time().now();
      System.out.printf(
          "%d steps in %s of simulated time: %,d messages between nodes, %,d of them lost, %,d completions, %d warnings, %.1f s%n",
          STEPS,
          simulated,
          run.world.trace().count(),
          run.world.network().lost(),
          run.company.storage().rollouts(),
          run.company.storage().warnings().size(),
          (System.nanoTime() - begin) / 1e9);
      assertTrue(simulated.compareTo(Duration.ofDays(1)) > 0, () -> "only " + simulated);
    }
  }
}

package dev.troupe.actors.simulation;

import static dev.troupe.actors.simulation.SimulatedRun.stage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.simulation.Company.Kind;
import dev.troupe.runtime.settings.Pacing;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Failures that people report of other systems, each as it happened there. */
class CompanyOnVirtualTimeTest {
  private static SimulatedRun small(long seed, int staleness) {
    return new SimulatedRun(seed, stage(8, 32, 4, staleness)).with(6, 2, 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void anUndisturbedRunDoesWhatItsPlanSays(int staleness) {
    try (SimulatedRun run = small(1, staleness)) {
      run.endsAsIfNothingHadHappened();
      assertEquals(8, run.company.storage().trainings());
      assertEquals(1, run.company.storage().mostOftenDecoded());
    }
  }

  /** A batch that waited for ever at 125 of 128 because messages were lost. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aStepIsNotStuckForGroupsThatWereLostOnTheirWay(long seed) {
    try (SimulatedRun run = small(seed, 1)) {
      run.world.network().lose(0.05);
      run.endsAsIfNothingHadHappened();
      assertTrue(run.world.network().lost() > 100, "lost " + run.world.network().lost());
    }
  }

  /** A generator that came back with the weights of the beginning and served them. */
  @Test
  void aGeneratorThatComesBackServesTheVersionThatIsAskedOfIt() {
    try (SimulatedRun run = small(2, 1)) {
      for (int step = 1; step < 8; step++) {
        run.passUntilStep(step);
        String node = run.company.nodes(Kind.GENERATOR).get(0);
        run.company.lose(node);
        run.company.join(Kind.GENERATOR, "generator-back-" + step);
      }
      run.endsAsIfNothingHadHappened();
    }
  }

  /** A resume that dropped what was still being decoded, which is what takes longest. */
  @Test
  void aLearnerThatIsReplacedLosesNoLongCompletions() {
    try (SimulatedRun run = small(3, 2)) {
      for (int step = 2; step < 8; step += 2) {
        run.passUntilStep(step);
        run.company.replaceLearner(Duration.ofSeconds(30));
      }
      run.endsAsIfNothingHadHappened();
      assertTrue(run.company.storage().trainings() > 8);
    }
  }

  /** A run whose controller died with everything that it knew. */
  @Test
  void aSupervisorThatIsReplacedKnowsWhatWasDecidedAndWhatWasSampled() {
    try (SimulatedRun run = small(9, 2)) {
      for (int step = 1; step < 8; step += 3) {
        run.passUntilStep(step);
        run.pass(Duration.ofMinutes(4));
        run.company.replaceOffice(Duration.ofSeconds(20));
      }
      run.endsAsIfNothingHadHappened();
      assertTrue(run.company.storage().recalled() > 0);
    }
  }

  /** A device that failed and whose empty completions were scored with 0. */
  @Test
  void aFailedDeviceIsNoReward() {
    try (SimulatedRun run = small(4, 1)) {
      for (int step = 0; step < 8; step++) {
        run.passUntilStep(step);
        run.company.faults().brokenUnits += 3;
      }
      run.endsAsIfNothingHadHappened();
      assertEquals(0, run.company.faults().brokenUnits);
    }
  }

  /** A weight synchronisation of which half arrived. */
  @Test
  void damagedWeightsNeverSample() {
    try (SimulatedRun run = small(5, 1)) {
      run.company.faults().damagedWeights = 20;
      run.endsAsIfNothingHadHappened();
      assertEquals(0, run.company.faults().damagedWeights);
    }
  }

  /** A reward service that took a unit and never answered. */
  @Test
  void whatAStuckRewardNodeHasGoesToAnother() {
    try (SimulatedRun run = small(6, 1)) {
      run.passUntilStep(1);
      run.company.freeze("reward-0", Duration.ofHours(2));
      run.endsAsIfNothingHadHappened();
    }
  }

  /** A trainer that waited for a task that nobody worked on any more. */
  @Test
  void aUnitWhoseEngineHangsIsDecodedElsewhere() {
    try (SimulatedRun run = small(7, 1)) {
      run.passUntilStep(2);
      run.company.hang("generator-1");
      run.company.hang("generator-2");
      run.endsAsIfNothingHadHappened();
      long overdue =
          run.company.storage().warnings().stream()
              .filter(it -> it.contains("until the deadline"))
              .count();
      assertEquals(2, overdue);
    }
  }

  /** Both sides of a parted network went on by themselves. */
  @ParameterizedTest
  @ValueSource(ints = {5, 60, 1800})
  void aPartedNetworkChangesNothing(int seconds) {
    try (SimulatedRun run = small(8, 1)) {
      run.passUntilStep(2);
      var aside = new HashSet<>(List.of("generator-0", "generator-1", "reward-0", "reference-0"));
      run.company.part(aside, Duration.ofSeconds(seconds));
      run.endsAsIfNothingHadHappened();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15})
  void anythingTogetherChangesNothing(long seed) {
    try (SimulatedRun run = new SimulatedRun(seed, stage(24, 32, 4, 2)).with(12, 3, 3)) {
      run.world.network().lose(0.002);
      everything(run, seed);
      run.endsAsIfNothingHadHappened();
    }
  }

  /** Weights that change while completions are under way, and everything else that happens. */
  @ParameterizedTest
  @CsvSource({"31, 1", "32, 1", "33, 2", "34, 2", "35, 4"})
  void theNewestPacingKeepsItsPromisesWhateverHappens(long seed, int staleness) {
    try (SimulatedRun run =
        new SimulatedRun(seed, stage(24, 32, 4, staleness, Pacing.NEWEST)).with(12, 3, 3)) {
      run.world.network().lose(0.002);
      run.company.faults().damagedWeights = 10;
      everything(run, seed);
      run.endsWithThePromisesKept();
      // Some tokens are as fresh as can be, others are not.
      assertTrue(run.company.storage().ages().keySet().containsAll(List.of(0L, 1L)));
      assertTrue(run.company.storage().mixed() > 100, "mixed " + run.company.storage().mixed());
      assertTrue(run.company.storage().recalled() > 0);
    }
  }

  /** What the lost groups would have led to is gone, and with it what its weights sampled. */
  @ParameterizedTest
  @CsvSource({"41, 1", "42, 2", "43, 4"})
  void theNewestPacingSamplesAgainWhatTheLedgerLost(long seed, int staleness) {
    try (SimulatedRun run =
        new SimulatedRun(seed, stage(16, 32, 4, staleness, Pacing.NEWEST)).with(6, 2, 2)) {
      for (int step = 3; step < 16; step += 4) {
        run.passUntilStep(step);
        run.pass(Duration.ofMinutes(4));
        run.company.storage().damageLedger();
        run.company.replaceLearner(Duration.ofSeconds(30));
      }
      run.endsWithThePromisesKept();
      assertTrue(run.company.storage().recalled() > 0);
    }
  }

  private static void everything(SimulatedRun run, long seed) {
    run.weather(seed)
        .losses(Kind.GENERATOR, Duration.ofMinutes(25))
        .losses(Kind.REWARD, Duration.ofMinutes(20))
        .losses(Kind.REFERENCE, Duration.ofMinutes(20))
        .learnerLosses(Duration.ofMinutes(50))
        .officeLosses(Duration.ofMinutes(90))
        .freezes(Duration.ofMinutes(8))
        .partitions(Duration.ofMinutes(30))
        // Rarer than the last unit takes to decode: five in a row end the run, as they should.
        .engineFaults(Duration.ofMinutes(30));
  }

  @Test
  void aSeedIsATrace() {
    assertEquals(trace(21), trace(21));
    assertNotEquals(trace(21), trace(22));
  }

  private static List<Long> trace(long seed) {
    try (SimulatedRun run = small(seed, 1)) {
      run.world.network().lose(0.01);
      run.weather(seed)
          .losses(Kind.GENERATOR, Duration.ofMinutes(15))
          .freezes(Duration.ofMinutes(15));
      run.endsAsIfNothingHadHappened();
      return List.of(run.world.trace().hash(), run.world.trace().count());
    }
  }
}

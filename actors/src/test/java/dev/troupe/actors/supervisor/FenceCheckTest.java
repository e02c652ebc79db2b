package dev.troupe.actors.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.troupe.actors.fence.Explorer;
import dev.troupe.actors.fence.Fence;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.stage.Deadlines;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.actors.supervisor.SmallCompany.Budget;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.Pacing;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Explores every order of messages, losses, copies, restarts and takeovers of a small company with
 * the rules that the actors run by, then takes one rule away after the other and tells the shortest
 * story that this makes possible.
 */
class FenceCheckTest {
  private static final int MOST_STATES = 2_000_000;
  private static final int GENERATORS = 2;
  private static final Budget LATE_TAKEOVER = Budget.TAKEOVER.and(Budget.ECHO);

  private static StagePlan stage(int steps, int units, int staleness) {
    return stage(steps, units, staleness, Pacing.WINDOW);
  }

  private static StagePlan newest(int steps, int units, int staleness) {
    return stage(steps, units, staleness, Pacing.NEWEST);
  }

  private static StagePlan stage(int steps, int units, int staleness, Pacing pacing) {
    var second = Duration.ofSeconds(1);
    TicketPlan tickets =
        new TicketPlan(
            "grpo", Purpose.TRAINING, 7, units, 1, 1, Sampling.plain(4, List.of(2)), i -> 0);
    return new StagePlan(
        "grpo",
        "grpo",
        steps,
        0,
        Optional.of(tickets.paced(pacing)),
        staleness,
        false,
        1,
        new Deadlines(second, second, second, second),
        Metric.REWARD_MEAN);
  }

  private static Explorer.Report explore(Fence fence, StagePlan stage, Budget budget) {
    return new Explorer<>(new FenceModel(fence, stage, GENERATORS, budget), MOST_STATES).explore();
  }

  /** Steps, units of one ticket for each step, staleness, and what goes wrong. */
  private static Stream<Arguments> companies() {
    return Stream.of(
        arguments(3, 1, 0, "one loss", Budget.LOSS),
        arguments(3, 1, 1, "one loss and one damaged version", Budget.LOSS.and(Budget.DAMAGE)),
        arguments(2, 1, 1, "one copy and one alarm without cause", Budget.COPY.and(Budget.ALARM)),
        arguments(2, 1, 1, "one generator starts anew", Budget.RESTART),
        arguments(3, 1, 0, "one takeover", Budget.TAKEOVER),
        arguments(1, 2, 0, "one generator starts anew", Budget.RESTART));
  }

  private static Stream<Arguments> companiesWithTheNewestPacing() {
    return Stream.of(
        arguments(3, 1, 1, "one loss", Budget.LOSS),
        arguments(3, 1, 2, "one damaged version", Budget.DAMAGE),
        arguments(2, 1, 1, "one copy", Budget.COPY),
        arguments(2, 1, 1, "one takeover", Budget.TAKEOVER));
  }

  private static Stream<Arguments> largerCompanies() {
    return Stream.of(
        arguments(3, 1, 0, "one loss and one copy", Budget.LOSS.and(Budget.COPY)),
        arguments(3, 1, 1, "one copy and one alarm without cause", Budget.COPY.and(Budget.ALARM)),
        arguments(3, 1, 1, "one generator starts anew", Budget.RESTART),
        arguments(2, 1, 1, "one takeover that is noticed late", LATE_TAKEOVER),
        arguments(2, 1, 1, "one loss and one takeover", Budget.LOSS.and(Budget.TAKEOVER)));
  }

  /**
   * Every state keeps the rules, and from every state the last step can be reached: no ticket is
   * lost for ever.
   */
  @ParameterizedTest(name = "{0} steps, {1} units each, staleness {2}: {3}")
  @MethodSource("companies")
  void theFenceHolds(int steps, int units, int staleness, String what, Budget budget) {
    assertHolds(stage(steps, units, staleness), what, budget);
  }

  private static void assertHolds(StagePlan stage, String what, Budget budget) {
    Explorer.Report report = explore(Fence.STRICT, stage, budget);

    System.out.printf(
        "%s: %d states, %d moves, the farthest after %d%n",
        what, report.states(), report.moves(), report.depth());
    assertEquals("", report.broken().map(Object::toString).orElse(""));
    assertTrue(report.states() > 1000, "the model does nothing: " + report);
  }

  /** The same with weights that change while groups are on their way. */
  @ParameterizedTest(name = "{0} steps, {1} units each, staleness {2}: {3}")
  @MethodSource("companiesWithTheNewestPacing")
  void theFenceHoldsWithTheNewestPacing(
      int steps, int units, int staleness, String what, Budget budget) {
    assertHolds(newest(steps, units, staleness), what, budget);
  }

  @Tag("slow")
  @ParameterizedTest(name = "{0} steps, {1} units each, staleness {2}: {3}")
  @MethodSource("largerCompanies")
  void theFenceHoldsForLonger(int steps, int units, int staleness, String what, Budget budget) {
    theFenceHolds(steps, units, staleness, what, budget);
  }

  private static void assertBreaks(String rule, Fence mutant, int steps, Budget budget) {
    assertBreaks(rule, mutant, stage(steps, 1, 0), budget);
  }

  private static void assertBreaks(String rule, Fence mutant, StagePlan stage, Budget budget) {
    Explorer.Broken broken = explore(mutant, stage, budget).broken().orElseThrow();

    System.out.println(broken);
    assertEquals(rule, broken.rule(), broken::toString);
  }

  @Test
  void withoutTheFenceAUnitIsDecodedByOtherWeights() {
    var mutant =
        new Fence() {
          @Override
          public boolean isProof(PolicyVersion bound, PolicyVersion proved) {
            return true;
          }
        };
    assertBreaks(FenceModel.DECODED, mutant, 2, Budget.NONE);
  }

  @Test
  void proofByNumberAloneLetsDamagedWeightsDecode() {
    var mutant =
        new Fence() {
          @Override
          public boolean isProof(PolicyVersion bound, PolicyVersion proved) {
            return proved != null && bound.compareTo(proved) == 0;
          }
        };
    assertBreaks(FenceModel.DECODED, mutant, 2, Budget.DAMAGE);
  }

  @Test
  void whoTakesUpVersionsOfAnEarlierEpochGoesBack() {
    var mutant =
        new Fence() {
          @Override
          public boolean mayTakeUp(PolicyVersion offered, int latestEpoch) {
            return true;
          }
        };
    assertBreaks(FenceModel.BACK, mutant, 2, LATE_TAKEOVER);
  }

  @Test
  void whoCountsEveryCopyCountsAGroupTwice() {
    var mutant =
        new Fence() {
          @Override
          public boolean counts(TicketId ticket, Set<TicketId> counted) {
            return true;
          }
        };
    assertBreaks(FenceModel.TWICE, mutant, 2, Budget.COPY);
  }

  @Test
  void whoLearnsFromAnyDigestLearnsFromWeightsThatAreGone() {
    var mutant =
        new Fence() {
          @Override
          public boolean isLearnable(PolicyVersion bound, PolicyVersion sampled) {
            return true;
          }
        };
    assertBreaks(FenceModel.LEARNT, mutant, 2, LATE_TAKEOVER);
  }

  @Test
  void withTheNewestPacingTokensOfVersionsThatAreGoneAreLearntFromByWhoAsksForNoDigest() {
    var mutant =
        new Fence() {
          @Override
          public boolean isLearnable(PolicyVersion bound, PolicyVersion sampled) {
            return bound.number() <= sampled.number();
          }
        };
    assertBreaks(FenceModel.LEARNT, mutant, newest(2, 1, 1), LATE_TAKEOVER);
  }

  @Test
  void withTheNewestPacingWhoAsksForNoProofDecodesWithDamagedWeights() {
    var mutant =
        new Fence() {
          @Override
          public boolean isProof(PolicyVersion bound, PolicyVersion proved) {
            return proved != null && bound.compareTo(proved) == 0;
          }

          @Override
          public boolean isFresh(PolicyVersion oldest, PolicyVersion held) {
            return oldest.compareTo(held) <= 0;
          }
        };
    assertBreaks(FenceModel.DECODED, mutant, newest(2, 1, 1), Budget.DAMAGE);
  }

  @Test
  void aFenceThatLetsNothingThroughNeverEnds() {
    var mutant =
        new Fence() {
          @Override
          public boolean counts(TicketId ticket, Set<TicketId> counted) {
            return false;
          }
        };
    assertBreaks(Explorer.NO_END, mutant, 1, Budget.NONE);
  }
}

package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Policies of a tiny decoder that learn from a reward model, with the whole company. */
class ModelRewardRunTest {
  private static final String MODEL =
      """
      { name = sft, kind = sft, from = model, steps = 20, batch = 16 }
      { name = rm, kind = reward-model, from = sft, steps = 40, prompts = 16, group-size = 4
        objective = regression
        labels = [ { kind = digit-placement, name = right }, { kind = digit-placement, name = same } ] }
      """;
  private static final String POLICY =
      "{ name = rl, kind = %s, from = sft, steps = %d, prompts = 8, group-size = 8, %s }";

  @TempDir private Path directory;

  @Test
  void whatTheModelRewardsIsLearnt() throws Exception {
    List<StepMetrics> steps = steps("grpo", 40, "reward-model { stage = rm }, kl.coefficient = 0");

    double before = mean(steps.subList(0, 4), "reward-model/score/right");
    double after = mean(steps.subList(36, 40), "reward-model/score/right");
    assertTrue(after > before + 0.01, before + " -> " + after);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          grpo | reward-model { stage = rm, combine = normalise-then-sum, weights = [0.3, 0.7] }, advantage = given
          grpo | reward-model { stage = rm, combine = gated, constraint = same, threshold = 0.2 }, staleness = 1
          grpo | reward-model { stage = rm, combine = lagrangian, constraint = same, threshold = 0.9, lambda = 0 }
          ppo  | reward-model { stage = rm, view = without-confidence, confidence.rule = difference, normalise = false }
          """)
  void anInterruptedPolicyEndsLikeAnUndisturbedOne(String kind, String how) throws Exception {
    String stages = MODEL.replace("steps = 40", "steps = 2") + POLICY.formatted(kind, 4, how);
    RunSettings undisturbed = SmallRuns.settings(directory.resolve("undisturbed"), stages);
    RunSettings disturbed = SmallRuns.settings(directory.resolve("disturbed"), stages);

    Map<String, String> expected = SmallRuns.complete(undisturbed);
    assertInstanceOf(
        RunOutcome.Stopped.class,
        SmallRuns.runUntil(
            disturbed,
            1,
            event ->
                event instanceof RunEvent.StepFinished finished
                    && finished.metrics().stage().equals("rl")
                    && finished.metrics().step() == 3));

    assertEquals(expected, SmallRuns.complete(disturbed));
  }

  @Test
  void thePriceOfAConstraintThatIsNotMetRises() throws Exception {
    List<StepMetrics> steps =
        steps(
            "grpo",
            4,
            "reward-model { stage = rm, combine = lagrangian, constraint = same, threshold = 9,"
                + " rate = 0.5, lambda = 0 }");

    // A threshold 9 deviations above the mean: some 4.5 a step, from 0 at first.
    double last = 0;
    for (StepMetrics step : steps) {
      double lambda = step.values().get("reward-model/lambda");
      assertTrue(lambda > last + 3, lambda + " after " + last);
      last = lambda;
    }
  }

  private List<StepMetrics> steps(String kind, int steps, String how) throws Exception {
    RunSettings settings =
        SmallRuns.settings(directory.resolve("run"), MODEL + POLICY.formatted(kind, steps, how));
    SmallRuns.complete(settings);
    return MetricsLog.read(settings.directory().resolve("metrics.jsonl")).stream()
        .filter(step -> step.stage().equals("rl"))
        .toList();
  }

  private static double mean(List<StepMetrics> steps, String metric) {
    return steps.stream().mapToDouble(step -> step.values().get(metric)).average().orElseThrow();
  }
}

package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.chaos.Promises;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The methods that share the settings of policy-gradient stages, with a real engine. */
class PolicyGradientRunsTest {
  private static final String BASE =
      "{ name = base, kind = sft, from = model, steps = 4, batch = 8 }\n";
  private static final String DPO =
      """
      { name = dpo, kind = dpo, from = base, steps = 2, prompts = 4, group-size = 4
        preference = [ { kind = digit-placement, weight = 1 } ] }
      """;

  @TempDir private Path directory;

  @Test
  void everyKindRunsAndMovesTheWeights() throws Exception {
    List<String> kinds =
        List.of(
            "grpo",
            "dr-grpo",
            "dapo",
            "gspo",
            "cispo",
            "rloo",
            "reinforce-plus-plus",
            "reinforce-plus-plus-baseline",
            "ppo",
            "ppo-max",
            "rto",
            "salsa");
    String stages =
        kinds.stream()
            .map(kind -> rl(kind, kind, more(kind)))
            .collect(Collectors.joining("\n", BASE + DPO, ""));
    RunSettings settings = settings("kinds", stages, "stages.ppo-max.critic.warm-up-steps=1");

    Map<String, String> digests = SmallRuns.complete(settings);

    for (String kind : kinds) {
      assertNotEquals(digests.get("base"), digests.get(kind), kind);
    }
    for (StepMetrics step : MetricsLog.read(settings.directory().resolve("metrics.jsonl"))) {
      step.values()
          .forEach((name, value) -> assertTrue(Double.isFinite(value), step.stage() + " " + name));
    }
  }

  private static String more(String kind) {
    return Map.of("rto", "shaping.model = dpo", "salsa", "reference = dpo").getOrDefault(kind, "");
  }

  @Test
  void anInterruptedCriticEndsLikeAnUndisturbedOne() throws Exception {
    String stages =
        BASE
            + rl(
                "rl",
                "ppo-max",
                """
                steps = 7, staleness = 1, epochs = 2, old-policy = recomputed
                correction.kind = tis
                critic { learning-rate = 1e-2, warm-up-steps = 3, epochs = 2 }
                kl.adaptive { target = 1, horizon = 100 }
                ptx { coefficient = 0.5, batch = 3 }, entropy { coefficient = 0.01, target = 1 }
                filtration.strategy = best-random
                """);
    RunSettings undisturbed = settings("undisturbed", stages);
    RunSettings disturbed = settings("disturbed", stages);

    Map<String, String> expected = SmallRuns.complete(undisturbed);
    SmallRuns.stopAfter(disturbed, "rl", 3);
    SmallRuns.stopAfter(disturbed, "rl", 4);

    assertEquals(expected, SmallRuns.complete(disturbed));
  }

  @Test
  void newestPacingKeepsItsPromisesAndSurvivesInterruptions() throws Exception {
    RunSettings settings =
        SmallRuns.settings(
            directory.resolve("newest"),
            SmallRuns.NEWEST.formatted(7),
            SmallRuns.LONG_ANSWERS.toArray(String[]::new));

    SmallRuns.stopAfter(settings, "rl", 3);
    SmallRuns.complete(settings, 2);

    assertEquals(List.of(), Promises.broken(settings));
    List<StepMetrics> steps =
        MetricsLog.read(settings.directory().resolve("metrics.jsonl")).stream()
            .filter(step -> step.stage().equals("rl"))
            .toList();
    assertEquals(
        List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L), steps.stream().map(StepMetrics::step).toList());
    assertTrue(
        steps.stream().anyMatch(step -> step.values().get("staleness/mixed-rollouts") > 0),
        "no completion went on under new weights");
    for (StepMetrics step : steps) {
      assertTrue(step.values().get("staleness/max") <= 2, step.toString());
      assertTrue(Double.isFinite(step.values().get("loss")), step.toString());
    }
    String report = Files.readString(settings.directory().resolve("report.html"));
    assertTrue(report.contains("no: pacing = newest in rl follows time"), report);
  }

  @Test
  void dynamicSamplingFindsOtherPromptsAndTheSameOnesAgain() throws Exception {
    String stages =
        BASE
            + rl(
                "rl",
                "dapo",
                """
                steps = 6, staleness = 1, mini-batches = 2, group-size = 2
                dynamic-sampling.max-extra-batches = 2, overlong.buffer = 1
                """);
    RunSettings undisturbed = settings("undisturbed", stages);
    RunSettings disturbed = settings("disturbed", stages);

    Map<String, String> expected = SmallRuns.complete(undisturbed);
    SmallRuns.stopAfter(disturbed, "rl", 3);

    assertEquals(expected, SmallRuns.complete(disturbed));
    List<StepMetrics> steps =
        MetricsLog.read(undisturbed.directory().resolve("metrics.jsonl")).stream()
            .filter(step -> step.stage().equals("rl"))
            .toList();
    assertTrue(
        steps.stream().anyMatch(step -> step.values().get("groups/sampled") > 4),
        "no step sampled again");
    for (StepMetrics step : steps) {
      assertTrue(step.values().get("groups/sampled") <= 12, step.toString());
    }
  }

  @Test
  void rtoWithoutWeightIsPpoToTheBit() throws Exception {
    String critic = "critic.learning-rate = 1e-2";
    String ppo = digest("ppo", BASE + DPO + rl("rl", "ppo", critic));
    String rto = "shaping { model = dpo, beta1 = %s }\n" + critic;

    assertEquals(ppo, digest("off", BASE + DPO + rl("rl", "rto", rto.formatted("0"))));
    assertNotEquals(ppo, digest("on", BASE + DPO + rl("rl", "rto", rto.formatted("0.05"))));
  }

  @Test
  void salsaWithItsOwnStartAsReferenceIsPpoToTheBit() throws Exception {
    String sibling =
        BASE + "{ name = other, kind = sft, from = base, steps = 2, batch = 8, data-seed = 1 }\n";
    String salsa = "kl.coefficient = 0.5, reference = ";
    String ppo = digest("ppo", sibling + rl("rl", "ppo", "kl.coefficient = 0.5"));

    assertEquals(ppo, digest("own", sibling + rl("rl", "salsa", salsa + "base")));
    assertNotEquals(ppo, digest("other", sibling + rl("rl", "salsa", salsa + "other")));
  }

  @Test
  void dapoWithEqualClipsAndNoFilterIsGrpoToTheBit() throws Exception {
    String grpo = "epochs = 3, kl.coefficient = 0";
    String dapo = "epochs = 3, clip-high = 0.2, dynamic-sampling.max-extra-batches = 0";

    assertEquals(
        digest("grpo", BASE + rl("rl", "grpo", grpo)),
        digest("dapo", BASE + rl("rl", "dapo", dapo)));
  }

  @Test
  void recomputedProbabilitiesChangeNothingOnPolicyButRounding() throws Exception {
    RunSettings settings =
        settings("recomputed", BASE + rl("rl", "grpo", "old-policy = recomputed"));
    SmallRuns.complete(settings);

    Stream<StepMetrics> steps =
        MetricsLog.read(settings.directory().resolve("metrics.jsonl")).stream()
            .filter(step -> step.stage().equals("rl"));
    // The same weights in the same program: not even rounding may differ.
    steps.forEach(step -> assertEquals(1, step.values().get("ratio/mean"), 1e-6));
  }

  @Test
  void clippingPolicyAndCriticAsOneShowsOnlyWhereSomethingIsClipped() throws Exception {
    String one =
        "critic { learning-rate = 1e-2, gradient-clip = %s }\noptimizer.max-gradient-norm = %s";
    String never = digest("never", BASE + rl("rl", "ppo", one.formatted("separate", "0")));
    String tight = digest("tight", BASE + rl("rl", "ppo", one.formatted("separate", "0.01")));

    assertEquals(never, digest("joint", BASE + rl("rl", "ppo", one.formatted("joint", "0"))));
    assertNotEquals(
        tight, digest("tight-joint", BASE + rl("rl", "ppo", one.formatted("joint", "0.01"))));
  }

  @Test
  void aCriticThatWarmsUpLeavesThePolicyAlone() throws Exception {
    Map<String, String> digests =
        SmallRuns.complete(
            settings("warm-up", BASE + rl("rl", "ppo", "steps = 2, critic.warm-up-steps = 2")));

    assertEquals(digests.get("base"), digests.get("rl"));
  }

  private static String rl(String name, String kind, String more) {
    return """
    { name = %s, kind = %s, from = base, steps = 3, prompts = 4, group-size = 4
      unit-prompts = 2
      %s }
    """
        .formatted(name, kind, more);
  }

  private String digest(String name, String stages) throws InterruptedException {
    return SmallRuns.complete(settings(name, stages)).get("rl");
  }

  private RunSettings settings(String name, String stages, String... overrides) {
    return SmallRuns.settings(directory.resolve(name), stages, overrides);
  }
}

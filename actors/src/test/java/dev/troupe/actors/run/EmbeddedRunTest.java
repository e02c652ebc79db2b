package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole company with a real engine and a tiny model. */
class EmbeddedRunTest {
  private static final String GRPO =
      """
      { name = grpo, kind = grpo, from = sft-a, steps = 9, prompts = 4, group-size = 4
        unit-prompts = 2, staleness = %d, reference = soup
        reference-update { kind = ema, every = 2, rate = 0.5 }
        shaping { kind = rto, model = dpo } }
      """;

  @TempDir private Path directory;

  @Test
  void anInterruptedRunEndsLikeAnUndisturbedOne() throws Exception {
    endsAlike(1);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void anInterruptedRunEndsLikeAnUndisturbedOneAtAnyStaleness(int staleness) throws Exception {
    endsAlike(staleness);
  }

  private void endsAlike(int staleness) throws InterruptedException {
    String stages = SmallRuns.STAGES + GRPO.formatted(staleness);
    RunSettings undisturbed = settings("undisturbed", stages);
    RunSettings disturbed = settings("disturbed", stages);

    Map<String, String> expected = SmallRuns.complete(undisturbed, 1);
    SmallRuns.stopAfter(disturbed, "sft-a", 1);
    SmallRuns.stopAfter(disturbed, "dpo", 3);
    SmallRuns.stopAfter(disturbed, "grpo", 1);
    SmallRuns.stopAfter(disturbed, "grpo", 4);
    Map<String, String> actual = SmallRuns.complete(disturbed, 1);

    assertEquals(expected, actual);
    assertLinesMatch(withoutTime(undisturbed), withoutTime(disturbed));
    List<String> rollouts = Rollouts.of(undisturbed.directory());
    assertEquals(4 * 4 * 4 + 9 * 4 * 4, rollouts.size(), "dpo and grpo: steps x prompts x samples");
    assertLinesMatch(rollouts, Rollouts.of(disturbed.directory()));
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void twoGeneratorsGiveTheSameBitsAsOne(int staleness) throws Exception {
    String stages = SmallRuns.STAGES + GRPO.formatted(staleness);

    Map<String, String> one = SmallRuns.complete(settings("one", stages), 1);
    Map<String, String> two = SmallRuns.complete(settings("two", stages), 2);

    assertEquals(one, two);
  }

  @Tag("slow")
  @Test
  void stalenessChangesWhatIsLearnt() throws Exception {
    Map<String, String> fresh =
        SmallRuns.complete(settings("fresh", SmallRuns.STAGES + GRPO.formatted(0)), 1);
    Map<String, String> stale =
        SmallRuns.complete(settings("stale", SmallRuns.STAGES + GRPO.formatted(1)), 1);

    assertEquals(fresh.get("dpo"), stale.get("dpo"));
    assertNotEquals(fresh.get("grpo"), stale.get("grpo"));
  }

  @Test
  void evaluatesTheStagesThatAreListedAndPairsThem() throws Exception {
    RunSettings settings =
        SmallRuns.settings(
            directory.resolve("evaluated"),
            "{ name = sft, kind = sft, from = model, steps = 4, batch = 8 }",
            "evaluate.stages=[model,sft]",
            "evaluate.prompts=70");

    SmallRuns.complete(settings, 1);

    EvaluationFile before = EvaluationFile.read(settings.directory(), "model").orElseThrow();
    EvaluationFile after = EvaluationFile.read(settings.directory(), "sft").orElseThrow();
    assertEquals(70, before.trials());
    assertEquals(before.examples(), after.examples());
    assertEquals(8, after.samples().size());
    String report = Files.readString(settings.directory().resolve("report.html"));
    assertTrue(report.contains("held-out prompts"), report);
  }

  @Tag("slow")
  @Test
  void trainsAdaptersAndResumesThem() throws Exception {
    String stages =
        """
        { name = sft, kind = sft, from = model, steps = 5, batch = 8
          optimizer.lora { rank = 2, alpha = 4 } }
        { name = grpo, kind = grpo, from = sft, steps = 3, prompts = 2, group-size = 4
          staleness = 1, optimizer.lora { rank = 2, alpha = 4 } }
        """;

    Map<String, String> expected = SmallRuns.complete(settings("undisturbed", stages), 1);
    RunSettings disturbed = settings("disturbed", stages);
    SmallRuns.stopAfter(disturbed, "sft", 3);
    SmallRuns.stopAfter(disturbed, "grpo", 2);

    assertEquals(expected, SmallRuns.complete(disturbed, 1));
  }

  @Test
  void refusesADirectoryThatAnotherRunHolds() {
    RunSettings settings = settings("held", SmallRuns.STAGES);

    try (RunDirectory held = RunDirectory.open(settings.directory(), settings, Clock.systemUTC())) {
      assertEquals(0, held.epoch());
      var refusal = assertThrows(RunException.class, () -> SmallRuns.run(settings, 1)).getMessage();
      assertTrue(refusal.contains("is in use by process"), refusal);
    }
  }

  @Test
  void refusesToResumeWithOtherSettingsAndNamesThem() {
    RunSettings first = settings("changed", SmallRuns.STAGES);
    RunDirectory.open(first.directory(), first, Clock.systemUTC()).close();
    RunSettings second = settings("changed", SmallRuns.STAGES, "seed=2", "checkpoints.every=1");

    var refusal = assertThrows(RunException.class, () -> SmallRuns.run(second, 1)).getMessage();

    assertTrue(refusal.contains("seed = 2"), refusal);
    // How often a run is saved does not change what it computes.
    assertTrue(!refusal.contains("checkpoints"), refusal);
  }

  private RunSettings settings(String name, String stages, String... overrides) {
    return SmallRuns.settings(directory.resolve(name), stages, overrides);
  }

  /** All recorded steps less what a clock measured. */
  private static List<String> withoutTime(RunSettings settings) {
    var lines = new ArrayList<String>();
    for (StepMetrics step : MetricsLog.read(settings.directory().resolve("metrics.jsonl"))) {
      var values = new TreeMap<>(step.values());
      values
          .keySet()
          .removeIf(
              name ->
                  name.startsWith("time/")
                      || name.startsWith("ledger/")
                      || name.endsWith("-per-second"));
      lines.add(step.stage() + " " + step.step() + " " + values);
    }
    return lines;
  }
}

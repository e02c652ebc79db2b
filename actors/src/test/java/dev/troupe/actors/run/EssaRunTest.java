package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.Safetensors;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.rollout.RolloutArchive;
import dev.troupe.runtime.rollout.RolloutRow;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs that search singular values, with tiny engines. */
class EssaRunTest {
  private static final int POPULATION = 5;
  private static final int PROMPTS = 6;
  private static final String SFT =
      """
      { name = base, kind = sft, from = model, steps = 6, batch = 8 }
      { name = sft, kind = sft, from = base, steps = 4, batch = 8
        optimizer.lora { rank = 2, alpha = 4, targets = [q, o] } }
      """;
  private static final String ESSA =
      SFT
          + """
          { name = essa, kind = essa, from = sft, steps = %d, prompts = 6, population = 5
            unit-prompts = 4, sigma = 2, sampling.temperature = 0, %s }
          """;

  @TempDir private Path directory;

  @Test
  void aSearchWithoutStepsEndsWithTheWeightsItBeganWith() throws Exception {
    Map<String, String> digests = SmallRuns.complete(settings("none", ESSA.formatted(0, "")), 1);

    assertEquals(digests.get("sft"), digests.get("essa"));
    assertEquals(adapted("none", "sft/step-4"), adapted("none", "essa/step-0"));
  }

  @Test
  void movesTheAdaptersAloneAndCountsWhatItSpent() throws Exception {
    RunSettings settings = settings("moved", ESSA.formatted(3, ""));

    Map<String, String> digests = SmallRuns.complete(settings, 1);

    assertNotEquals(digests.get("sft"), digests.get("essa"));
    Map<String, HostTensor> before = adapted("moved", "sft/step-4");
    Map<String, HostTensor> after = adapted("moved", "essa/step-3");
    assertEquals(before.keySet(), after.keySet());
    before.forEach(
        (name, tensor) ->
            assertEquals(!name.contains(".lora_"), tensor.equals(after.get(name)), name));
    List<StepMetrics> steps = steps(settings);
    assertEquals(3, steps.size());
    double tokens = 0;
    for (StepMetrics step : steps) {
      Map<String, Double> values = step.values();
      tokens += values.get("tokens/generated");
      assertEquals(step.step() * POPULATION * PROMPTS, values.get("search/completions"));
      assertEquals(tokens, values.get("search/tokens"));
      assertTrue(values.get("fitness/best") >= values.get("fitness/worst"), values.toString());
    }
    requireCandidatesAreTold(settings, steps.get(0));
  }

  private static void requireCandidatesAreTold(RunSettings settings, StepMetrics first) {
    try (RolloutArchive archive = RolloutArchive.open(settings.directory())) {
      List<RolloutRow> rows = archive.rows("essa", 1, Optional.empty(), Integer.MAX_VALUE);
      assertEquals(POPULATION * PROMPTS, rows.size());
      for (int i = 0; i < rows.size(); i++) {
        RolloutRow.Lesson lesson = rows.get(i).credit().lesson();
        assertEquals("candidate " + (1 + i / PROMPTS), lesson.part());
        assertEquals("fitness of the candidate", lesson.quantity());
        assertNull(lesson.pulls());
      }
      assertEquals(
          first.values().get("fitness/best"),
          rows.stream().mapToDouble(row -> row.credit().lesson().amount()).max().orElseThrow());
    }
  }

  @Test
  void anInterruptedSearchEndsLikeAnUndisturbedOne() throws Exception {
    endsAlike(ESSA.formatted(5, "returns = best-validated"));
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"covariance = diagonal", "precision = int8", "offsets = relative"})
  void anInterruptedSearchOfAnyKindEndsLikeAnUndisturbedOne(String option) throws Exception {
    endsAlike(ESSA.formatted(4, option));
  }

  private void endsAlike(String stages) throws InterruptedException {
    RunSettings undisturbed = settings("undisturbed", stages);
    RunSettings disturbed = settings("disturbed", stages);

    Map<String, String> expected = SmallRuns.complete(undisturbed, 1);
    SmallRuns.stopAfter(disturbed, "essa", 1);
    SmallRuns.stopAfter(disturbed, "essa", 3);
    Map<String, String> actual = SmallRuns.complete(disturbed, 1);

    assertEquals(expected, actual);
    assertEquals(withoutTime(undisturbed), withoutTime(disturbed));
    // Only a search that moved in every generation shows that all of its state was restored.
    assertEquals(4, steps(undisturbed).get(3).values().get("search/updates"));
  }

  @ParameterizedTest
  @CsvSource({"full", "int8"})
  void threeGeneratorsGiveTheSameBitsAsOne(String precision) throws Exception {
    String stages = ESSA.formatted(3, "precision = " + precision);
    RunSettings one = settings("one", stages);
    RunSettings three = settings("three", stages);

    assertEquals(SmallRuns.complete(one, 1), SmallRuns.complete(three, 3));
    assertEquals(withoutTime(one), withoutTime(three));
  }

  @Tag("slow")
  @Test
  void aSearchGoesOnFromAnotherOne() throws Exception {
    String stages =
        ESSA.formatted(2, "")
            + """
            { name = again, kind = essa, from = essa, steps = 2, prompts = 4, population = 4
              sampling.temperature = 0, precision = int4 }
            """;

    Map<String, String> digests = SmallRuns.complete(settings("again", stages), 1);

    assertNotEquals(digests.get("essa"), digests.get("again"));
  }

  private RunSettings settings(String name, String stages) {
    return SmallRuns.settings(directory.resolve(name), stages);
  }

  private Map<String, HostTensor> adapted(String run, String checkpoint) {
    return Safetensors.read(
        directory.resolve(run).resolve("checkpoints/" + checkpoint + "/trainer.safetensors"));
  }

  private static List<StepMetrics> steps(RunSettings settings) {
    return MetricsLog.read(settings.directory().resolve("metrics.jsonl")).stream()
        .filter(step -> step.stage().equals("essa"))
        .toList();
  }

  /** The recorded generations less what a clock measured. */
  private static List<String> withoutTime(RunSettings settings) {
    return steps(settings).stream()
        .map(
            step -> {
              var values = new TreeMap<>(step.values());
              values
                  .keySet()
                  .removeIf(
                      name ->
                          name.startsWith("time/")
                              || name.startsWith("ledger/")
                              || name.endsWith("-per-second"));
              return step.step() + " " + values;
            })
        .toList();
  }
}

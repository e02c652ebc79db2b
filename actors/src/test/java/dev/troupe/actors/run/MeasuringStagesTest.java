package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prompt selection and the best of n in the whole company, with a real engine and a tiny model. */
class MeasuringStagesTest {
  private static final double EXACT = 1e-12;
  private static final String SELECTION =
      """
      { name = sft, kind = sft, from = model, steps = 4, batch = 8 }
      { name = choice, kind = prompt-selection, from = sft, max-tokens = 4, queries = 40
        templates = ["{prompt}", ">{prompt}"], samples = 2, temperature = 1 }
      """;

  @TempDir private Path directory;

  @Test
  void asksEveryQueryInEveryWayAndLeavesTheWeightsAlone() throws Exception {
    RunSettings settings =
        SmallRuns.settings(
            directory.resolve("choice"), SELECTION, "reward=[{kind=exact-match,weight=1}]");

    Map<String, String> digests = SmallRuns.complete(settings);

    assertEquals(digests.get("sft"), digests.get("choice"));
    List<StepMetrics> steps = MetricsLog.read(settings.directory().resolve("metrics.jsonl"));
    Map<String, Double> measured = steps.get(steps.size() - 1).values();
    assertTrue(measured.get("prompts/oracle") >= measured.get("prompts/selected"));
    assertTrue(measured.get("prompts/oracle") >= measured.get("prompts/best-fixed"));
    assertEquals(
        measured.get("prompts/selected") - measured.get("prompts/best-fixed"),
        measured.get("prompts/gain"),
        EXACT);
  }

  @Test
  void refusesToCountRightAnswersWithAGradedReward() {
    RunSettings settings = SmallRuns.settings(directory.resolve("graded"), SELECTION);
    var refusal = assertThrows(RunException.class, () -> SmallRuns.run(settings, 1)).getMessage();
    assertEquals(
        "Stage choice counts right answers, but the reward of the run is graded; choose one that is"
            + " right or wrong, such as exact-match.",
        refusal);
  }

  @Test
  void measuresTheBestOfSeveralCompletionsAndTellsOfIt() throws Exception {
    RunSettings settings =
        SmallRuns.settings(
            directory.resolve("best"),
            "{ name = sft, kind = sft, from = model, steps = 4, batch = 8 }",
            "evaluate.stages=[model,sft]",
            "evaluate.prompts=20",
            "evaluate.samples=8",
            "evaluate.temperature=1",
            "evaluate.best-of=[1,4,8]");

    SmallRuns.complete(settings);

    EvaluationFile base = EvaluationFile.read(settings.directory(), "model").orElseThrow();
    assertEquals(List.of(1, 4, 8), base.bestOf().stream().map(BestOfCompletions::n).toList());
    for (int prompt = 0; prompt < 20; prompt++) {
      double one = base.bestOf().get(0).scores().get(prompt);
      double four = base.bestOf().get(1).scores().get(prompt);
      double eight = base.bestOf().get(2).scores().get(prompt);
      assertEquals(base.scores().get(prompt), one, EXACT); // a mean over all completions
      assertTrue(one <= four + EXACT && four <= eight + EXACT);
    }
    String report = Files.readString(settings.directory().resolve("report.html"));
    assertTrue(report.contains("best of 4, at most 0.64 nats away"), report);
    assertTrue(report.contains("sft against the best of 8"), report);
  }
}

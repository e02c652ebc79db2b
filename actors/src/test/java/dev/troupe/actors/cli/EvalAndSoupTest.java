package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands about finished models, on the siblings that one run made. */
class EvalAndSoupTest {
  private static final String NAME = "model.layers.0.mlp.up_proj.weight";
  private static final String RECIPE =
      """
      name = siblings
      directory = "%s"
      threads = 1
      task { kind = sort-digits, digits = 2, held-out = 60 }
      reward = [ { kind = exact-match, weight = 1 } ]
      model { family = llama, width = 32, layers = 1, heads = 2, feed-forward = 32, context = 16 }
      tokenizer { kind = characters, alphabet = "0123456789>" }
      optimizer { learning-rate = 1e-2 }
      stages = [
        { name = base, kind = sft, from = model, steps = 25, batch = 32 }
        { name = a, kind = sft, from = base, steps = 25, batch = 32, data-seed = 1 }
        { name = b, kind = sft, from = base, steps = 5, batch = 32, data-seed = 2 }
      ]
      evaluate { stages = [base, a], prompts = 40, max-tokens = 3 }
      """;

  @TempDir private static Path shared;
  private static Path run;

  @TempDir private Path folder;
  private final CommandLineRuns line = new CommandLineRuns();

  @BeforeAll
  static void train() throws Exception {
    run = shared.resolve("run");
    Path recipe = Files.writeString(shared.resolve("siblings.conf"), RECIPE.formatted(run));
    new CommandLineRuns().succeed("run", recipe, "--quiet");
  }

  private static Path checkpoint(String stage, int step) {
    return run.resolve("checkpoints/" + stage + "/step-" + step);
  }

  private JsonNode json(Object... arguments) throws Exception {
    return new ObjectMapper().readTree(line.succeed(arguments));
  }

  @Test
  void measuresWhatTheRunMeasured() throws Exception {
    JsonNode measured = json("eval", run, "--stage", "a", "--json").path("models").path(0);
    JsonNode recorded =
        new ObjectMapper().readTree(run.resolve("evaluations/a.json").toFile()).path("correct");
    double sum = 0;
    for (JsonNode right : recorded) {
      sum += right.asDouble();
    }
    assertEquals(40, recorded.size());
    assertEquals(sum / 40, measured.path("accuracy").path("value").asDouble(), 1e-12);
    assertEquals(40, measured.path("accuracy").path("prompts").asInt());
    assertEquals(40, measured.path("completions").asInt());
  }

  @Test
  void comparesTwoCheckpointsOnTheSamePromptsWithAPairedTest() throws Exception {
    JsonNode found = json("eval", run, "--stage", "a", "--against", run + ":base", "--json");
    JsonNode change = found.path("change");
    double before = found.path("models").path(0).path("accuracy").path("value").asDouble();
    double after = found.path("models").path(1).path("accuracy").path("value").asDouble();
    assertEquals(after - before, change.path("mean").asDouble(), 1e-12);
    int gained = change.path("mcnemar").path("gained").asInt();
    int lost = change.path("mcnemar").path("lost").asInt();
    assertEquals(Math.round((after - before) * 40), gained - lost);

    String table = line.succeed("eval", run, "--stage", "a", "--against", run + ":base");
    assertTrue(table.contains("Change on the same 40 prompts"), table);
    assertTrue(table.contains("(McNemar, exact)"), table);
  }

  @Test
  void estimatesPassAtKFromAllCompletions() throws Exception {
    JsonNode model =
        json(
                "eval",
                checkpoint("b", 5),
                "--samples",
                4,
                "--temperature",
                1,
                "--k",
                "1,2,4",
                "--prompts",
                20,
                "--json")
            .path("models")
            .path(0);
    double one = model.path("pass@1").path("value").asDouble();
    double two = model.path("pass@2").path("value").asDouble();
    double four = model.path("pass@4").path("value").asDouble();
    assertEquals(model.path("accuracy").path("value").asDouble(), one, 1e-9);
    assertTrue(one <= two && two <= four, one + " " + two + " " + four);
    assertEquals(80, model.path("completions").asInt());
  }

  @Test
  void mistakesOfAnEvaluationAreToldTogether() throws Exception {
    Path model = folder.resolve("elsewhere");
    line.succeed("export", run, "--to", model, "--format", "hugging-face");
    assertTrue(line.refuse("eval", model).contains("name the task and reward with --recipe"));
    String said = line.refuse("eval", run, "--samples", 4, "--k", 8);
    assertTrue(said.contains("give --temperature"), said);
    assertTrue(said.contains("--k [8] must lie between 1 and --samples 4"), said);
  }

  @Test
  void aSoupIsTheWeightedMeanAndAModelOfItsOwn() {
    Path soup = folder.resolve("soup");
    String said =
        line.succeed(
            "soup",
            checkpoint("a", 25),
            checkpoint("b", 5),
            "--weights",
            "0.75,0.25",
            "--base",
            checkpoint("base", 25),
            "--to",
            soup);
    assertTrue(said.contains("cosine of what they learnt"), said);

    float[] a = HuggingFaceDirectory.load(checkpoint("a", 25)).tensors().get(NAME).toFloats();
    float[] b = HuggingFaceDirectory.load(checkpoint("b", 5)).tensors().get(NAME).toFloats();
    float[] expected = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      expected[i] = 0.75f * a[i] + 0.25f * b[i];
    }
    assertArrayEquals(
        expected, HuggingFaceDirectory.load(soup).tensors().get(NAME).toFloats(), 1e-7f);
    assertTrue(
        line.succeed("generate", "--model", soup, "--prompt", "31>", "--threads", "1")
            .startsWith("31>"));
  }

  @Test
  void whatMakesNoSoupIsRefusedAndNothingIsWritten() throws Exception {
    Path to = folder.resolve("soup");
    Path a = checkpoint("a", 25);
    Path b = checkpoint("b", 5);
    assertTrue(line.refuse("soup", a, a, "--to", to).contains("is named twice"));
    assertTrue(
        line.refuse("soup", a, b, "--weights", "0.9,0.2", "--to", to).contains("that sum to 1"));
    assertTrue(
        line.refuse("soup", a, b, "--weights", "1", "--to", to).contains("1 numbers for 2 models"));
    assertTrue(line.refuse("soup", a, b, "--base", a, "--to", to).contains("is equal to the base"));
    Path copy = folder.resolve("copy");
    line.succeed("export", a, "--to", copy, "--format", "hugging-face");
    assertTrue(line.refuse("soup", a, copy, "--to", to).contains("hold the same weights"));
    Path wide = folder.resolve("wide");
    Path recipe = folder.resolve("wide.conf");
    Files.writeString(
        recipe, RECIPE.replace("width = 32", "width = 16").replace("25", "1").formatted(wide));
    line.succeed("run", recipe, "--quiet");
    assertTrue(line.refuse("soup", a, wide, "--to", to).contains("different shapes"));
    assertFalse(Files.exists(to));
  }
}

package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
  private static final String RECIPE =
      """
      name = small
      directory = "%s"
      threads = 1
      task { kind = sort-digits, digits = 3, held-out = 100 }
      reward = [ { kind = exact-match, weight = 1 } ]
      model { family = llama, width = 16, layers = 1, heads = 2, feed-forward = 32, context = %d }
      tokenizer { kind = characters, alphabet = "0123456789>" }
      optimizer { learning-rate = 1e-2 }
      sampling { max-tokens = 4 }
      stages = [
        { name = sft, kind = sft, from = model, steps = 2, batch = 4 }
        { name = grpo, kind = grpo, from = sft, steps = 1, prompts = 2, group-size = 2 }
      ]
      """;

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int execute(String... arguments) {
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }

  private String recipe(int context) throws Exception {
    Path file = directory.resolve("small.conf");
    Files.writeString(file, RECIPE.formatted(directory.resolve("run"), context));
    return file.toString();
  }

  private void assertIsASentence() {
    assertFalse(err.toString().contains("\tat "), err.toString());
    assertFalse(err.toString().contains("Exception"), err.toString());
  }

  @Test
  void runsARecipeThenTellsItsStatusAndSpeaksWithItsModel() throws Exception {
    String recipe = recipe(16);

    assertEquals(0, execute("run", recipe, "--quiet"), err.toString());
    assertEquals(0, execute("status", directory.resolve("run").toString()), err.toString());
    assertTrue(out.toString().contains("done 1/1"), out.toString());

    out.getBuffer().setLength(0);
    String run = directory.resolve("run").toString();
    assertEquals(
        0,
        execute("generate", "--model", run, "--prompt", "321>", "--threads", "1"),
        err.toString());
    assertTrue(out.toString().startsWith("321>"), out.toString());
  }

  @Test
  void plansWithoutStartingAnything() throws Exception {
    assertEquals(0, execute("plan", recipe(16), "seed=5"), err.toString());

    assertTrue(out.toString().contains("seed = 5  # command line"), out.toString());
    assertTrue(out.toString().contains("grpo (grpo): 1 steps of 2 prompts x 2"), out.toString());
    assertTrue(out.toString().contains("Placement: "), out.toString());
    assertTrue(out.toString().matches("(?s).*  grpo +at most \\d.*"), "measured: " + out);
    assertFalse(Files.exists(directory.resolve("run")));
  }

  @Test
  void plansWhichStagesSeveralLearnersTrain() throws Exception {
    assertEquals(0, execute("plan", recipe(16), "learners=2"), err.toString());

    assertTrue(out.toString().contains("trained by up to 2 learners together"), out.toString());
  }

  @Test
  void badSettingsAreUsageErrorsWithEveryMistakeNamed() throws Exception {
    assertEquals(2, execute("run", recipe(16), "stages.grpo.stepz=3", "sed=1"));

    assertTrue(err.toString().contains("stepz"), err.toString());
    assertTrue(err.toString().contains("sed"), err.toString());
    assertIsASentence();
  }

  @Test
  void aContextThatIsTooShortIsToldBeforeAnythingStarts() throws Exception {
    assertEquals(2, execute("plan", recipe(6)));

    assertTrue(err.toString().contains("context"), err.toString());
    assertIsASentence();
  }

  @Test
  void aDirectoryWithoutARunIsASentence() {
    assertEquals(2, execute("status", directory.toString()));

    assertTrue(err.toString().contains("is not a run directory"), err.toString());
    assertIsASentence();
  }

  @Test
  void aModelThatIsNotThereIsASentence() {
    assertEquals(2, execute("generate", "--model", directory.toString(), "--prompt", "x"));

    assertTrue(err.toString().contains("neither a model directory"), err.toString());
    assertIsASentence();
  }

  @Test
  void aDeviceThatIsNotThereIsASentence() throws Exception {
    assertEquals(2, execute("run", recipe(16), "--device", "cuda:7", "--quiet"));

    assertTrue(err.toString().contains("cuda:7"), err.toString());
    assertIsASentence();
  }

  @Test
  void aPageWithoutAPortTakesAnyFreeOneAndLeavesTheRecipeAlone() throws Exception {
    assertEquals(0, execute("run", "--page", recipe(16), "--quiet"), err.toString());

    assertTrue(err.toString().contains("page of this run is at http://127.0.0.1:"), err.toString());
  }

  @Test
  void aPortThatIsNoneIsASentenceBeforeAnythingStarts() throws Exception {
    assertEquals(2, execute("run", recipe(16), "--page", "70000"));

    assertTrue(err.toString().contains("70000 is no port"), err.toString());
    assertIsASentence();
    assertFalse(Files.exists(directory.resolve("run")));
  }

  @Test
  void thePageOfADirectoryWithoutARunIsASentence() {
    assertEquals(2, execute("page", directory.toString()));

    assertTrue(err.toString().contains("is not a run directory"), err.toString());
    assertIsASentence();
  }

  @Test
  void helpTeachesByExample() {
    assertEquals(0, execute("--help"));

    assertTrue(out.toString().contains("troupe run my.conf seed=2"), out.toString());
    assertEquals(0, execute("run", "--help"));
  }

  @Test
  void anUnknownCommandIsAUsageError() {
    assertEquals(2, execute("rum"));
  }
}

package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What commands make of a run whose rollouts have several turns. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EnvironmentCommandsTest {
  private static final String RECIPE =
      """
      name = talk
      directory = "%s"
      threads = 1
      task { kind = guess-number, digits = 2, size = 7, held-out = 10 }
      environment { kind = guess-number, max-turns = 3 }
      reward = [ { kind = environment, verdict = true, weight = 1 } ]
      model { family = llama, width = 16, layers = 1, heads = 2, feed-forward = 32, context = 24 }
      tokenizer { kind = characters, alphabet = "0123456789-:<>?" }
      optimizer { learning-rate = 1e-2 }
      sampling { max-tokens = 4 }
      stages = [
        { name = sft, kind = sft, from = model, steps = 2, batch = 4 }
        { name = dpo, kind = dpo, from = sft, steps = 1, prompts = 4, group-size = 4
          preference = [ { kind = length, max = 1, min = 0, fall-off = 9, unit = characters, weight = 1 } ] }
      ]
      """;

  private final CommandLineRuns line = new CommandLineRuns();
  private final ObjectMapper json = new ObjectMapper();
  private Path run;

  @BeforeAll
  void makeARun(@TempDir Path folder) throws Exception {
    run = folder.resolve("talk");
    Path recipe = Files.writeString(folder.resolve("talk.conf"), RECIPE.formatted(run));
    line.succeed("run", recipe, "--quiet");
  }

  @Test
  void evalPlaysWholeEpisodes() throws Exception {
    JsonNode told = json.readTree(line.succeed("eval", run, "--prompts", "6", "--json"));

    assertTrue(told.toString().contains("accuracy"), told.toString());
    assertEquals("", line.remarks());
  }

  @Test
  void generateSaysThatNobodyAnswersTheModel() {
    String text = line.succeed("generate", "--model", run, "--prompt", "3-9?");

    assertTrue(text.startsWith("3-9?"), text);
    assertEquals(1, line.remarks().lines().count(), line.remarks());
    assertTrue(
        line.remarks().contains("the environment guess-number, which does not answer here"),
        line.remarks());
  }

  @Test
  void explainTellsTheTokensOfAllTurns() throws Exception {
    JsonNode step = json.readTree(line.succeed("explain", run, "1", "--stage", "dpo", "--json"));

    for (JsonNode rollout : step.get("rollouts")) {
      if (rollout.has("part")) {
        assertTrue(rollout.get("turns").asInt() >= 1);
        // What the policy sampled is pulled at; what it was told is none of its tokens.
        rollout.get("tokens").forEach(token -> assertTrue(token.has("pull"), token::toString));
      }
    }
  }
}

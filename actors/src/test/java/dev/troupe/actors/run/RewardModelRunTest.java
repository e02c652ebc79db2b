package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.settings.RunSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reward models of a tiny decoder, trained by the whole company. */
class RewardModelRunTest {
  private static final String START =
      "{ name = sft, kind = sft, from = model, steps = 20, batch = 16 }\n";

  /** What 128 prompts of 4 completions leave to chance is far less. */
  private static final double ABOVE_CHANCE = 0.6;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"pairs = best-worst", "pairs = all, margin = true"})
  void learnsWhichCompletionsAreBetterOnPromptsItHasNotSeen(String how) throws Exception {
    JsonNode card =
        card(
            """
            { name = rm, kind = reward-model, from = sft, steps = 40, prompts = 16, group-size = 4
              measure-steps = 8, %s, preference = [ { kind = digit-placement, weight = 1 } ] }
            """
                .formatted(how));

    assertEquals("[\"reward\"]", card.get("scores").toString());
    assertTrue(
        card.get("measures").get("accuracy/reward").asDouble() > ABOVE_CHANCE, card::toString);
    assertTrue(
        card.get("measures").get("rank-correlation/reward").asDouble() > 0.2, card::toString);
    assertEquals(8 * 16 * 4, card.get("completions").asInt());
    assertTrue(card.get("deviation").get(0).asDouble() > 0, card::toString);
    Path checkpoint = directory.resolve("run/checkpoints/rm/step-48");
    assertEquals(1, HuggingFaceDirectory.load(checkpoint).config().scores());
  }

  @Test
  void regressesOneScoreForEachLabel() throws Exception {
    JsonNode card =
        card(
            """
            { name = rm, kind = reward-model, from = sft, steps = 40, prompts = 16, group-size = 4
              objective = regression, head = sigmoid, measure-steps = 8
              labels = [ { kind = digit-placement }, { kind = exact-match, name = right } ] }
            """);

    assertEquals("[\"digit-placement\",\"right\"]", card.get("scores").toString());
    assertTrue(card.get("isSquashed").asBoolean());
    assertTrue(
        card.get("measures").get("rank-correlation/digit-placement").asDouble() > 0.2,
        card::toString);
    for (JsonNode mean : card.get("mean")) {
      assertTrue(mean.asDouble() > 0 && mean.asDouble() < 1, card::toString);
    }
    Path checkpoint = directory.resolve("run/checkpoints/rm/step-48");
    assertEquals(2, HuggingFaceDirectory.load(checkpoint).config().scores());
  }

  @Test
  void anInterruptedModelEndsLikeAnUndisturbedOne() throws Exception {
    String stages =
        START
            + """
              { name = first, kind = reward-model, from = sft, steps = 3, prompts = 4, group-size = 4
                measure-steps = 1, preference = [ { kind = digit-placement, weight = 1 } ] }
              { name = second, kind = reward-model, from = first, policy = sft, steps = 3
                prompts = 4, group-size = 4, measure-steps = 5
                preference = [ { kind = digit-placement, weight = 1 } ] }
              """;
    RunSettings undisturbed = SmallRuns.settings(directory.resolve("undisturbed"), stages);
    RunSettings disturbed = SmallRuns.settings(directory.resolve("disturbed"), stages);

    Map<String, String> expected = SmallRuns.complete(undisturbed);
    SmallRuns.stopAfter(disturbed, "first", 2);
    SmallRuns.stopAfter(
        disturbed, "second", 5); // The last checkpoint is between two measuring steps.
    assertEquals(expected, SmallRuns.complete(disturbed));

    String file = "checkpoints/second/step-8/reward-model.json";
    assertEquals(
        Files.readString(undisturbed.directory().resolve(file)),
        Files.readString(disturbed.directory().resolve(file)));
  }

  private JsonNode card(String stage) throws InterruptedException, IOException {
    RunSettings settings = SmallRuns.settings(directory.resolve("run"), START + stage);
    SmallRuns.complete(settings);
    Path file = settings.directory().resolve("checkpoints/rm/step-48/reward-model.json");
    return new ObjectMapper().readTree(file.toFile());
  }
}

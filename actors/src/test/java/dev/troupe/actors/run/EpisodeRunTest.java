package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.chaos.Promises;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.SettingsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Environments in the whole company, with a real engine and a tiny model. */
class EpisodeRunTest {
  private static final String STAGES =
      """
      { name = sft, kind = sft, from = model, steps = 4, batch = 8 }
      { name = other, kind = sft, from = model, steps = 4, batch = 8, data-seed = 1 }
      { name = dpo, kind = dpo, from = sft, steps = 3, prompts = 4, group-size = 4
        preference = [ { kind = length, max = 1, min = 0, fall-off = 9, unit = characters, weight = 1 } ] }
      { name = grpo, kind = grpo, from = sft, steps = 3, prompts = 4, group-size = 4
        unit-prompts = 2, staleness = 1, reference = other, kl.coefficient = 0.01
        shaping { kind = rto, model = dpo } }
      { name = ppo, kind = ppo, from = sft, steps = 3, prompts = 4, group-size = 4 }
      """;

  @TempDir private Path directory;

  private static String recipe(Path directory, String stages) {
    return """
        name = small
        directory = "%s"
        threads = 1
        task { kind = guess-number, digits = 2, size = 7, held-out = 10 }
        environment { kind = guess-number, max-turns = 3 }
        reward = [ { kind = environment, verdict = true, weight = 1 } ]
        model { family = llama, width = 16, layers = 2, heads = 2, feed-forward = 32, context = 24 }
        tokenizer { kind = characters, alphabet = "0123456789-:<>?" }
        optimizer { learning-rate = 1e-2 }
        sampling { max-tokens = 4 }
        checkpoints { every = 2 }
        stages = [ %s ]
        evaluate { stages = [grpo], prompts = 10 }
        """
        .formatted(directory, stages);
  }

  private RunSettings settings(String name) {
    return Recipe.parse(recipe(directory.resolve(name), STAGES), "small", List.of());
  }

  @Test
  void anInterruptedRunEndsLikeAnUndisturbedOneAlsoWithTwoGenerators() throws Exception {
    RunSettings undisturbed = settings("undisturbed");
    Map<String, String> expected = SmallRuns.complete(undisturbed);

    RunSettings disturbed = settings("disturbed");
    SmallRuns.stopAfter(disturbed, "grpo", 2);
    assertEquals(expected, SmallRuns.complete(disturbed, 2));

    StepMetrics step = SmallRuns.step(undisturbed, "grpo", 1);
    assertTrue(step.values().get("turns/mean") > 1);
    assertEquals(3, step.values().get("turns/max"));
    // What was given between the turns has no place in these: it has no log-probability at all.
    assertTrue(step.values().get("mismatch/max") < 1e-4);
    assertEquals(step.values().get("length/mean") * 16, step.values().get("tokens/trained"), 1e-9);
  }

  @Test
  void withTheNewestPacingOneVersionPlaysEachEpisode() throws Exception {
    String stages =
        """
        { name = sft, kind = sft, from = model, steps = 2, batch = 8 }
        { name = grpo, kind = grpo, from = sft, steps = 5, prompts = 4, group-size = 4
          unit-prompts = 1, staleness = 1, pacing = newest
          old-policy = recomputed, correction.kind = tis }
        """;
    RunSettings settings = Recipe.parse(recipe(directory, stages), "small", List.of());

    SmallRuns.complete(settings, 2);

    assertEquals(List.of(), Promises.broken(settings));
    for (long step = 1; step <= 5; step++) {
      Map<String, Double> values = SmallRuns.step(settings, "grpo", step).values();
      assertTrue(values.get("turns/mean") > 1);
      assertEquals(0, values.get("staleness/mixed-rollouts"));
    }
  }

  @Test
  void aStageThatReadsASingleCompletionIsRefusedBesideAnEnvironment() {
    String stages =
        "{ name = superhf, kind = superhf, from = model, steps = 1, prompts = 2, group-size = 2 }";
    String text = recipe(directory, stages).replace("stages = [grpo]", "stages = []");

    SettingsException refused =
        assertThrows(SettingsException.class, () -> Recipe.parse(text, "small", List.of()));

    assertTrue(
        refused.getMessage().contains("environment")
            && refused.getMessage().contains("does not go with stage superhf"),
        refused.getMessage());
  }
}

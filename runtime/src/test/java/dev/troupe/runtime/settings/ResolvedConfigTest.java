package dev.troupe.runtime.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResolvedConfigTest {
  private static String line(RunSettings settings, String start) {
    return settings
        .resolved()
        .render()
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith(start))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void parsesBackToEqualSettings() throws IOException {
    for (Path recipe : Recipes.shipped()) {
      RunSettings first = Recipe.load(recipe);
      RunSettings again = Recipe.parse(first.resolved().render(), "run.conf");
      assertEquals(first, again);
      assertEquals(first.settingsDigest(), again.settingsDigest());
      assertEquals(List.of(), RunSettings.differences(first, again));
    }
  }

  @Test
  void parsesBackWhateverATaskHolds() {
    String task =
        "task { kind = x, \"odd key.\" = \"a\\n\\\"#b\", deep { list = [[1, {a = 2}], []], none = null }, e {} }";
    RunSettings first =
        Recipes.parse(Recipes.SMALL.replace("task { kind = sort-digits, digits = 6 }", task));
    assertEquals(first, Recipe.parse(first.resolved().render(), "run.conf"));
  }

  @Test
  void saysOfEachValueWhereItWasSet() {
    RunSettings settings = Recipes.small("stages.rl.steps=7", "seed=3");
    assertEquals("name = \"small\"  # test.conf: 1", line(settings, "name"));
    assertEquals("seed = 3  # command line", line(settings, "seed"));
    assertEquals("steps = 10  # test.conf: 13", line(settings, "steps"));
    assertTrue(settings.resolved().render().contains("steps = 7  # command line\n"));
    assertTrue(line(settings, "threads").matches("threads = 0 {2}# reference.conf: \\d+"));
    long values = settings.resolved().render().lines().filter(l -> l.contains(" = ")).count();
    long lists = settings.resolved().render().lines().filter(l -> l.endsWith("[")).count();
    long places = settings.resolved().render().lines().filter(l -> l.contains("  # ")).count();
    assertEquals(values - lists, places);
  }

  @Test
  void writesTheRecipesOrderOfSections() {
    assertEquals(
        List.of(
            "model",
            "tokenizer",
            "task",
            "reward",
            "stages",
            "evaluate",
            "generation",
            "checkpoints",
            "journal",
            "ledger",
            "records",
            "disk",
            "log",
            "limits"),
        Recipes.small()
            .resolved()
            .render()
            .lines()
            .filter(line -> line.matches("[a-z]+ (= )?[\\[{]"))
            .map(line -> line.split(" ")[0])
            .toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name=other",
        "directory=elsewhere",
        "threads=3",
        "device=cuda:1",
        "checkpoints.every=3",
        "records.rollouts.share=0.5",
        "generators=3",
        "reward-attempts=5",
        "deadlines.reward=9m",
        "stages.rl.deadlines.train=3h",
        "stages.rl.optimizer.learning-rate=0.00100",
        "stages.rl.steps=5.0"
      })
  void givesTheSameDigestToWhatComputesTheSame(String override) {
    RunSettings first = Recipes.small();
    RunSettings second = Recipes.small(override);
    assertEquals(first.settingsDigest(), second.settingsDigest());
    assertEquals(List.of(), RunSettings.differences(first, second));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "seed=2",
        "compute=bf16",
        "task.digits=7",
        "tokenizer.alphabet=\"123456789\"",
        "stages.rl.optimizer.micro-batch-tokens=4095",
        "reward.exact-match.weight=2"
      })
  void givesAnotherDigestToWhatComputesSomethingElse(String override) {
    RunSettings first = Recipes.small();
    RunSettings second = Recipes.small(override);
    assertNotEquals(first.settingsDigest(), second.settingsDigest());
    assertEquals(1, RunSettings.differences(first, second).size());
  }

  @Test
  void digestsSortedKeysWithCanonicalValues() {
    String text = "b = [1, x], a { c = 1.50, d = 00 }, l = [ { kind = k, w = 2e1 } ], name = n";
    // printf 'a.c=1.5\na.d=0\nb=[1, "x"]\nl=k\nl.k.kind="k"\nl.k.w=20\n' | sha256sum
    assertEquals(
        "339c408a54ade19152b1484ab57f1a0be67160cd839817f4b6b30b6044cdbf9f",
        new ResolvedConfig(ConfigFactory.parseString(text).root()).digest());
  }

  @Test
  void namesTheKeysThatDifferWithBothValues() {
    assertEquals(
        List.of(
            "stages.rl.group-size = 2 (test.conf: 14) against 4 (command line)",
            "stages.rl.reference = nothing against \"model\" (command line)",
            "task.digits = 6 (test.conf: 2) against 5 (command line)"),
        RunSettings.differences(
            Recipes.small(),
            Recipes.small("task.digits=5", "stages.rl.group-size=4", "stages.rl.reference=model")));
  }

  @Test
  void namesAnAddedStageOnce() {
    RunSettings more =
        Recipes.parse(
            Recipes.SMALL.replace(
                "stages = [",
                "stages = [\n{ name = zero, kind = sft, from = model, steps = 1, batch = 1 }"));
    assertEquals(
        List.of("stages = base, rl (test.conf: 12) against zero, base, rl (test.conf: 12)"),
        RunSettings.differences(Recipes.small(), more));
  }
}

package dev.troupe.runtime.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataMistakesTest {
  private static final String REST =
      """

      name = own
      model { family = llama, width = 16, layers = 1, heads = 2, feed-forward = 16, context = 32 }
      tokenizer { kind = bytes }
      optimizer { learning-rate = 1e-3 }
      sampling { max-tokens = 8 }
      """;
  private static final String SFT =
      "stages = [ { name = s, kind = sft, from = model, steps = 1, batch = 1 } ]";

  @TempDir private Path folder;

  @BeforeEach
  void writeFile() throws IOException {
    Files.writeString(folder.resolve("a.jsonl"), "{}");
  }

  @Test
  void tellsAllMistakesOfASectionAtOnce() {
    List<String> problems =
        problems(
            """
            task { kind = sort-digits }
            data {
              path = "%s/b.jsonl"
              query = "select 1"
              prompt = "{a"
              messages = m
              curriculum { parts = 0 }
              min-prompt-tokens = 5, max-prompt-tokens = 4
              chosen = "{c}"
            }
            """
                    .formatted(folder)
                + SFT);
    assertHolds(
        problems,
        "task = {\"kind\":\"sort-digits\"} stands beside data (test.conf: 1); keep one of the two");
    assertHolds(problems, "data.query = \"select 1\" (test.conf: 4) stands beside data.path");
    assertHolds(problems, "data.prompt = \"{a\" cannot be used (test.conf: 5)");
    assertHolds(problems, "stands beside data.messages");
    assertHolds(problems, "data.curriculum.by is missing (test.conf: 7)");
    assertHolds(problems, "data.curriculum.parts = 0 is outside [1, 1000000]");
    assertHolds(
        problems, "data.min-prompt-tokens = 5 (test.conf: 8) is above data.max-prompt-tokens = 4");
    assertHolds(problems, "data.chosen is not a known key (test.conf: 9)");
  }

  @Test
  void saysWhereItLookedForAFile() {
    List<String> problems =
        problems("data { path = [\"%s/a.jsonl\", \"no/*.csv\"] }\n".formatted(folder) + SFT);
    assertEquals(1, problems.size(), problems.toString());
    assertTrue(
        problems.get(0).contains("matches no file (test.conf: 1); looked for "),
        problems.toString());
    assertTrue(problems.get(0).endsWith("/no/*.csv"), problems.toString());
    assertHolds(
        problems("data { }\n" + SFT), "data.path is missing (test.conf: 1); set it to a file");
  }

  @Test
  void aMixtureHasItsOwnPlaces() {
    List<String> problems =
        problems(
            "data { path = x, sources = [ { path = \"%s/a.jsonl\", weight = 0 }, { weight = 1 } ] }\n"
                    .formatted(folder)
                + SFT);
    assertHolds(problems, "data.path = \"x\" stands beside sources");
    assertHolds(problems, "data.sources.0.weight = 0 is outside");
    assertHolds(problems, "data.sources.1.path is missing");
  }

  @Test
  void aStageThatReadsItsCompletionsSamplesNone() {
    String stage =
        "data { path = \"%1$s/a.jsonl\" }\nstages = [ { name = s, kind = dpo, from = model, steps = 1, prompts = 1, data { path = \"%1$s/a.jsonl\"%2$s } %3$s } ]";
    assertEquals(List.of(), problemsOrNone(stage.formatted(folder, "", "")));
    List<String> problems =
        problems(
            stage.formatted(
                folder,
                "",
                ", sampling { max-tokens = 4 }, preference = [ { kind = exact-match } ]"));
    assertHolds(
        problems,
        "stages.s.sampling = {\"max-tokens\":4} has no effect beside data, which brings the completions");
    assertHolds(problems, "stages.s.preference");
    assertHolds(
        problems(stage.formatted(folder, ", ranking = r", "")), "stages.s.group-size is missing");
    assertHolds(
        problems(stage.formatted(folder, ", ranking = r, chosen = \"{c}\"", ", group-size = 3")),
        "stands beside chosen and rejected");
    assertHolds(
        problems(stage.formatted(folder, ", rewards = r", "")),
        "stages.s.data.rewards = \"r\" belongs to completions, which is not set");
  }

  @Test
  void aRewardModelNeedsLabelsAndRowsToBeMeasuredOn() {
    String stage =
        "data { path = \"%1$s/a.jsonl\" }\nstages = [ { name = s, kind = reward-model, objective = regression, from = model, steps = 1, prompts = 1, data { path = \"%1$s/a.jsonl\"%2$s } } ]";
    List<String> problems = problems(stage.formatted(folder, ""));
    assertHolds(problems, "stages.s.data.labels is missing");
    assertHolds(problems, "stages.s.data.held-out = 0 keeps no row to measure the reward model on");
    assertHolds(
        problems(stage.formatted(folder, ", labels = [a, a], held-out = 1")),
        "names a column twice");
    RunSettings settings =
        Recipes.parse(stage.formatted(folder, ", labels = [a, b], held-out = 1") + REST);
    assertEquals(List.of("a", "b"), ((RewardModelStage) settings.stage("s")).scores());
  }

  @Test
  void aStageWithoutTrainingDataHasNoSuchSection() {
    String stages =
        "stages = [ { name = a, kind = sft, from = model, steps = 1, batch = 1 }, { name = b, kind = sft, from = model, steps = 1, batch = 1 }, { name = c, kind = soup, of = [a, b], data { path = x } } ]";
    assertHolds(
        problems("data { path = \"%s/a.jsonl\" }\n".formatted(folder) + stages),
        "stages.c.data is not a known key");
  }

  private static void assertHolds(List<String> problems, String part) {
    assertTrue(problems.stream().anyMatch(it -> it.contains(part)), part + " in " + problems);
  }

  private static List<String> problems(String text) {
    return Recipes.problems(text + REST);
  }

  private static List<String> problemsOrNone(String text) {
    Recipes.parse(text + REST);
    return List.of();
  }
}

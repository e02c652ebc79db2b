package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recipe that ships with the project can be planned. */
class ShippedPlansTest {
  private static final Path ROOT = Path.of(System.getProperty("troupe.root", ".."));
  private static final Path ASSETS = ROOT.resolve("../shared/assets");

  /** What a person has to provide for some recipes, below the assets. */
  private static final Map<String, List<String>> PROVIDED =
      Map.of(
          "sentiment-stories.conf", List.of("model.path", "models/tiny-stories-260k"),
          "gsm8k-plumbing.conf", List.of("task.path", "data/gsm8k_train.jsonl"));

  static List<Path> recipes() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("cluster-config/recipes"))) {
      return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void canBePlanned(Path recipe) {
    List<String> provided = PROVIDED.getOrDefault(recipe.getFileName().toString(), List.of());
    List<String> overrides = List.of();
    if (!provided.isEmpty()) {
      Path asset = ASSETS.resolve(provided.get(1));
      assumeTrue(Files.exists(asset), provided.get(1) + " is not beside the project");
      overrides = List.of(provided.get(0) + "=" + asset);
    }
    RunSettings settings = Recipe.load(recipe, overrides);

    Outlook outlook = Outlook.of(settings, false);

    // The starting weights count as a stage.
    assertEquals(settings.stages().size() + 1, outlook.stages().size());
    assertTrue(outlook.totalMemory() > 0);
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void saysAtItsHeadWhatItTeaches(Path recipe) throws IOException {
    String first = Files.readAllLines(recipe).get(0);
    assertTrue(first.startsWith("# ") && first.endsWith("."), first);
  }
}

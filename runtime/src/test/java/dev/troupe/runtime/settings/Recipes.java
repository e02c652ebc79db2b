package dev.troupe.runtime.settings;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Recipes for the tests of this package. */
final class Recipes {
  /** Lines 1 to 14; valid. */
  static final String SMALL =
      """
      name = small
      task { kind = sort-digits, digits = 6 }
      reward = [ { kind = exact-match, weight = 1 } ]
      model {
        family = llama, width = 128, layers = 4
        heads = 4, kv-heads = 2
        feed-forward = 352, context = 32
      }
      tokenizer { kind = characters, alphabet = "0123456789" }
      optimizer { learning-rate = 1e-3 }
      sampling { max-tokens = 8 }
      stages = [
        { name = base, kind = sft, from = model, steps = 10, batch = 8 }
        { name = rl, kind = grpo, from = base, steps = 5, prompts = 4, group-size = 2 }
      ]
      """;

  private Recipes() {}

  static RunSettings parse(String text, String... overrides) {
    return Recipe.parse(text, "test.conf", List.of(overrides));
  }

  static RunSettings small(String... overrides) {
    return parse(SMALL, overrides);
  }

  static List<String> problems(String text, String... overrides) {
    return assertThrows(SettingsException.class, () -> parse(text, overrides)).problems();
  }

  /** The small recipe, one text in it replaced by another. */
  static List<String> problemsAfter(String old, String replacement) {
    if (!SMALL.contains(old)) {
      throw new IllegalArgumentException(old);
    }
    return problems(SMALL.replace(old, replacement));
  }

  static Path folder() {
    return Path.of(System.getProperty("troupe.root"), "cluster-config", "recipes");
  }

  static List<Path> shipped() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
    }
  }
}

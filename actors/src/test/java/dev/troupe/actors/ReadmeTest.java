package dev.troupe.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What README.md shows is what the repository holds. */
class ReadmeTest {
  private static final Path ROOT = Path.of(System.getProperty("troupe.root", ".."));

  @Test
  void showsTheQuickstartRecipeWhole() throws IOException {
    String recipe = Files.readString(ROOT.resolve("cluster-config/recipes/quickstart.conf"));

    assertEquals(recipe.strip(), block("hocon"));
  }

  @Test
  void linksToFilesThatExist() throws IOException {
    Matcher links = Pattern.compile("\\]\\((?!http)([^)#]+)\\)").matcher(readme());
    int found = 0;
    while (links.find()) {
      assertTrue(Files.exists(ROOT.resolve(links.group(1))), links.group(1));
      found++;
    }
    assertTrue(found > 3, "README has " + found + " links to files");
  }

  @Test
  void holdsNoUnfilledMarks() throws IOException {
    assertFalse(readme().contains("@@"), "README has a mark that was never filled in");
  }

  /** The first fenced block in a language. */
  private static String block(String language) throws IOException {
    Matcher block =
        Pattern.compile("```" + language + "\n(.*?)\n```", Pattern.DOTALL).matcher(readme());
    assertTrue(block.find(), "README has no block in " + language);
    return block.group(1).strip();
  }

  private static String readme() throws IOException {
    return Files.readString(ROOT.resolve("README.md"));
  }
}

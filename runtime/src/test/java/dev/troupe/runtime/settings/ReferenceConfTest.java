package dev.troupe.runtime.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceConfTest {
  private static final Pattern SOURCE =
      Pattern.compile("\\[(house|code|paper|recalled)(: [^\\]]+)?]");
  private static final int SHORTEST_MEANING = 30;

  private static Map<String, ConfigValue> leaves(ConfigObject section, String prefix) {
    Map<String, ConfigValue> leaves = new TreeMap<>();
    section.forEach(
        (key, value) -> {
          if (value instanceof ConfigObject inner) {
            leaves.putAll(leaves(inner, prefix + key + "."));
          } else {
            leaves.put(prefix + key, value);
          }
        });
    return leaves;
  }

  @Test
  void everyDefaultHasAMeaningAndASource() {
    Map<String, ConfigValue> leaves = leaves(Defaults.shipped().root(), "");
    assertTrue(leaves.size() > 60, "only " + leaves.size());
    leaves.forEach(
        (key, value) -> {
          String comment = String.join(" ", value.origin().comments());
          assertTrue(comment.length() >= SHORTEST_MEANING, key + " has no meaning: " + comment);
          assertTrue(SOURCE.matcher(comment).find(), key + " has no source: " + comment);
        });
  }

  @Test
  void everyNumberHasARange() {
    leaves(Defaults.shipped().root(), "")
        .forEach(
            (key, value) -> {
              if (value.unwrapped() instanceof Number) {
                String comment = String.join(" ", value.origin().comments());
                assertTrue(
                    comment.matches(".*(\\d to [\\d\\w]|>= \\d).*"),
                    key + " has no range: " + comment);
              }
            });
  }

  @Test
  void holdsNothingOutsideTroupe() throws IOException {
    ConfigObject own =
        ConfigFactory.parseURL(
                Defaults.class.getResource("/reference.conf"),
                ConfigParseOptions.defaults().setAllowMissing(false))
            .root();
    assertEquals(Set.of("troupe"), own.keySet());
    assertTrue(own.toConfig().isResolved(), "substitutions would see other libraries");
  }

  @Test
  void isReadBesideTheReferenceFilesOfOtherLibraries(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("reference.conf"), "akka { a = ${undefined.elsewhere} }");
    try (var loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      assertEquals(Defaults.shipped().root(), Defaults.load(loader).root());
    }
  }
}

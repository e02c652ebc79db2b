package dev.troupe.algorithms.vectors;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.algorithms.testing.Torch;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every case of every vector file, computed in float64 with gradients through the real losses. The
 * files are those in the directory {@code -Dtroupe.vectors}, else in {@code
 * ../shared/algorithms/vectors} beside the repository, else the copies among the test resources.
 */
class VectorConformanceTest {
  private static final List<VectorFamily> FAMILIES =
      List.of(
          new KlVectors(),
          new AdvantageVectors(),
          new PolicyLossVectors(),
          new PreferenceVectors(),
          new RtoVectors(),
          new SalsaVectors(),
          new TdpoVectors());

  @TestFactory
  Stream<DynamicContainer> computesEveryExpectedField() throws IOException {
    Map<String, VectorRunner> runners = registry();
    return files().stream().map(file -> container(file, runners));
  }

  private static DynamicContainer container(Path file, Map<String, VectorRunner> runners) {
    List<VectorCase> cases = read(file);
    return DynamicContainer.dynamicContainer(
        file.getFileName().toString(),
        cases.stream()
            .map(
                vector ->
                    DynamicTest.dynamicTest(
                        vector.algorithm() + "/" + vector.name(),
                        () -> check(vector, runners.get(key(vector.algorithm(), vector.name()))))));
  }

  private static void check(VectorCase vector, VectorRunner runner) {
    Assumptions.assumeTrue(
        runner != null,
        () -> "no method is built for %s/%s".formatted(vector.algorithm(), vector.name()));
    assertFalse(vector.expected().isEmpty(), "the case expects nothing");
    try (NDManager manager = Torch.manager()) {
      Expectation.compare(
          vector.name(), vector.expected(), runner.run(vector, manager), vector.tolerance());
    }
  }

  private static Map<String, VectorRunner> registry() {
    Map<String, VectorRunner> runners = new HashMap<>();
    for (VectorFamily family : FAMILIES) {
      family
          .runners()
          .forEach(
              (name, runner) -> {
                VectorRunner earlier = runners.put(key(family.algorithm(), name), runner);
                assertTrue(earlier == null, "two runners for " + key(family.algorithm(), name));
              });
    }
    return runners;
  }

  private static String key(String algorithm, String name) {
    return algorithm + "/" + name;
  }

  private static List<VectorCase> read(Path file) {
    try {
      JsonNode root = new ObjectMapper().readTree(file.toFile());
      List<VectorCase> cases = new ArrayList<>();
      root.get("cases")
          .forEach(node -> cases.add(VectorCase.of(root.get("algorithm").asText(), node)));
      assertFalse(cases.isEmpty(), file + " has no cases");
      return cases;
    } catch (IOException e) {
      throw new AssertionError("cannot read " + file, e);
    }
  }

  private static List<Path> files() throws IOException {
    Path directory = directory();
    try (Stream<Path> entries = Files.list(directory)) {
      List<Path> files =
          entries.filter(path -> path.toString().endsWith(".json")).sorted().toList();
      assertFalse(files.isEmpty(), directory + " holds no vector files");
      return files;
    }
  }

  private static Path directory() {
    String chosen = System.getProperty("troupe.vectors");
    if (chosen != null) {
      return Path.of(chosen);
    }
    Path beside =
        Path.of(System.getProperty("troupe.root", ".."), "..", "shared", "algorithms", "vectors");
    if (Files.isDirectory(beside)) {
      return beside;
    }
    try {
      return Path.of(VectorConformanceTest.class.getResource("/vectors").toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError("the test resources are not on the file system", e);
    }
  }
}

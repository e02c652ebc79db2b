package dev.troupe.algorithms.vectors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.testing.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every case of every vector file, computed in float64 with gradients through the real losses. The
 * files are those in the directory {@code -Dtroupe.vectors}, else in {@code
 * ../shared/algorithms/vectors} beside the repository, else the copies among the test resources. A
 * case for which there is no runner fails.
 */
class VectorConformanceTest {
  /** One line for each; two families may share an algorithm, but no case. */
  private static final List<VectorFamily> FAMILIES =
      List.of(
          new KlVectors(),
          new AdvantageVectors(),
          new PolicyLossVectors(),
          new CriticVectors(),
          new RatioVectors(),
          new ControlVectors(),
          new PreferenceVectors(),
          new RtoVectors(),
          new SalsaVectors(),
          new TdpoVectors(),
          new ProVectors(),
          new SuperHfVectors(),
          new RlPerspectiveVectors(),
          new CalibratedPpoVectors(),
          new EssaVectors(),
          new MultiObjectiveVectors(),
          new FiltrationVectors(),
          new PpoMaxVectors(),
          new RlmtVectors());

  @TestFactory
  Stream<DynamicContainer> computesEveryExpectedField() {
    Map<String, VectorRunner> runners = registry();
    return VectorFiles.of(System.getProperty("troupe.vectors"), VectorFiles.bases()).stream()
        .map(
            file ->
                DynamicContainer.dynamicContainer(
                    file.getFileName().toString(),
                    VectorFiles.read(file).stream().map(vector -> test(vector, runners))));
  }

  @Test
  void theBundledFilesAreCopiesOfTheSharedOnes() throws IOException {
    Path shared = VectorFiles.shared(VectorFiles.bases());
    Assumptions.assumeTrue(shared != null, "../shared/algorithms/vectors is absent");
    for (Path file : VectorFiles.of(shared.toString(), VectorFiles.bases())) {
      Path copy = VectorFiles.bundled().resolve(file.getFileName().toString());
      assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(copy), copy.toString());
    }
  }

  private static DynamicTest test(VectorCase vector, Map<String, VectorRunner> runners) {
    String key = key(vector.algorithm(), vector.name());
    return DynamicTest.dynamicTest(key, () -> check(vector, runners.get(key)));
  }

  private static void check(VectorCase vector, VectorRunner runner) {
    assertNotNull(
        runner, () -> "no method is built for %s/%s".formatted(vector.algorithm(), vector.name()));
    assertFalse(vector.expected().isEmpty(), "the case expects nothing");
    try (NDManager manager = Torch.manager()) {
      List<String> mismatches =
          Expectation.mismatches(
              vector.expected(), runner.run(vector, manager), vector.tolerance());
      assertEquals("", String.join(System.lineSeparator(), mismatches));
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
}

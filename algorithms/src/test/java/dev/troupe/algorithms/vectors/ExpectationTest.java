package dev.troupe.algorithms.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The frame of the vectors must itself notice what is wrong. */
class ExpectationTest {
  private static final double TOLERANCE = 1e-6;

  private static List<String> mismatches(String expected, Object actual)
      throws JsonProcessingException {
    return Expectation.mismatches(new ObjectMapper().readTree(expected), actual, TOLERANCE);
  }

  @Test
  void acceptsEveryKindOfValueThatAgrees() throws JsonProcessingException {
    assertEquals(
        List.of(),
        mismatches(
            "{\"a\": [[1, 2], [], [3.0000009]], \"b\": true, \"c\": \"x\", \"d\": [null, 5],"
                + " \"e\": {\"f\": 1e9}, \"g\": null, \"note\": \"prose\"}",
            Map.of(
                "a",
                new double[][] {{1, 2}, {}, {3}},
                "b",
                true,
                "c",
                "x",
                "d",
                Arrays.asList(null, 5),
                "e",
                Map.of("f", 1e9 + 1),
                "g",
                Double.NaN,
                "extra",
                1)));
  }

  @Test
  void namesEveryFieldThatDiffers() throws JsonProcessingException {
    assertEquals(
        List.of(
            "a[0][1] is 2.1, expected 2",
            "a[1] has length 1, expected 0",
            "b is false, expected true",
            "c is 1.0, expected \"1.0\"",
            "d is NaN, expected 0.5",
            "e is expected but was not computed",
            "f is 3.0, expected [3]",
            "g is 0.0, expected null",
            "h is true, expected 1",
            "i is 1, expected an object"),
        mismatches(
            "{\"a\": [[1, 2], []], \"b\": true, \"c\": \"1.0\", \"d\": 0.5, \"e\": 1, \"f\": [3],"
                + " \"g\": null, \"h\": 1, \"i\": {\"j\": 1}}",
            Map.of(
                "a",
                new double[][] {{1, 2.1}, {9}},
                "b",
                false,
                "c",
                1.0,
                "d",
                Double.NaN,
                "f",
                3.0,
                "g",
                0.0,
                "h",
                true,
                "i",
                1)));
  }

  @Test
  void aRelativeDirectoryMayStartFromAnyBase(@TempDir Path first, @TempDir Path second)
      throws IOException {
    Path file = Files.createDirectory(second.resolve("numbers")).resolve("a.json");
    Files.writeString(file, "{}");
    assertEquals(List.of(file), VectorFiles.of("numbers", List.of(first, second)));
    assertEquals(
        List.of(file), VectorFiles.of(second.resolve("numbers").toString(), List.of(first)));
  }

  @Test
  void aDirectoryThatWasAskedForMustHoldVectors(@TempDir Path base) {
    List<Path> bases = List.of(base);
    assertThrows(AssertionError.class, () -> VectorFiles.of("absent", bases));
    assertThrows(AssertionError.class, () -> VectorFiles.of("", bases));
    assertThrows(AssertionError.class, () -> VectorFiles.of(base.toString(), bases));
  }

  @Test
  void withoutAnotherDirectoryTheBundledFilesAreRead(@TempDir Path base) {
    List<Path> files = VectorFiles.of(null, List.of(base.resolve("repository")));
    assertTrue(files.contains(VectorFiles.bundled().resolve("foundations.json")));
    assertEquals("foundations", VectorFiles.read(files.get(2)).get(0).algorithm());
  }
}

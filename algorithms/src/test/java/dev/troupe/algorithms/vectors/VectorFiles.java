package dev.troupe.algorithms.vectors;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Where the vector files are, and what is in them. */
final class VectorFiles {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private VectorFiles() {}

  /**
   * The vector files of a directory, in the order of their names.
   *
   * @param chosen the directory that was asked for, absolute or relative to one of {@code bases};
   *     null for {@code ../shared/algorithms/vectors} beside the first base that has it, else the
   *     copies among the test resources
   * @param bases where to look for a relative directory, the first has precedence
   */
  static List<Path> of(String chosen, List<Path> bases) {
    return list(chosen == null ? usual(bases) : chosen(chosen, bases));
  }

  /**
   * The directories that a relative path may start from: where Maven was started, and the root of
   * the repository, which is the outermost directory in an unbroken line of Maven projects.
   */
  static List<Path> bases() {
    Set<Path> bases = new LinkedHashSet<>();
    for (String property : List.of("troupe.started", "troupe.root", "user.dir")) {
      String base = System.getProperty(property);
      if (base != null) {
        bases.add(Path.of(base).toAbsolutePath());
      }
    }
    Path root = Path.of("").toAbsolutePath();
    while (root.getParent() != null && Files.exists(root.resolveSibling("pom.xml"))) {
      root = root.getParent();
    }
    bases.add(root);
    return List.copyOf(bases);
  }

  static List<VectorCase> read(Path file) {
    JsonNode root;
    try {
      root = JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    List<VectorCase> cases = new ArrayList<>();
    String algorithm = root.path("algorithm").asText();
    root.path("cases").forEach(node -> cases.add(VectorCase.of(algorithm, node)));
    if (algorithm.isEmpty() || cases.isEmpty()) {
      throw new AssertionError(file + " needs an \"algorithm\" and at least one of \"cases\"");
    }
    return cases;
  }

  /** The copies that travel with the tests. */
  static Path bundled() {
    try {
      return Path.of(VectorFiles.class.getResource("/vectors").toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError("the test resources are not on the file system", e);
    }
  }

  /** The directory beside the repository, or null if there is none. */
  static Path shared(List<Path> bases) {
    return bases.stream()
        .map(base -> base.resolve("../shared/algorithms/vectors").normalize())
        .filter(Files::isDirectory)
        .findFirst()
        .orElse(null);
  }

  private static Path usual(List<Path> bases) {
    Path shared = shared(bases);
    return shared == null ? bundled() : shared;
  }

  private static Path chosen(String chosen, List<Path> bases) {
    // Resolving against an empty text would silently choose a base itself.
    if (!chosen.isBlank()) {
      for (Path base : bases) {
        if (Files.isDirectory(base.resolve(chosen))) {
          return base.resolve(chosen).normalize();
        }
      }
    }
    throw new AssertionError(
        "troupe.vectors is \"%s\", which is not a directory; a relative one may start from %s"
            .formatted(chosen, bases));
  }

  private static List<Path> list(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      List<Path> files =
          entries.filter(path -> path.toString().endsWith(".json")).sorted().toList();
      if (files.isEmpty()) {
        throw new AssertionError(directory + " holds no vector file (*.json)");
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + directory, e);
    }
  }
}

package dev.troupe.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory for the runs of a benchmark, which is gone afterwards. */
final class Scratch implements AutoCloseable {
  private final Path path;

  Scratch() throws IOException {
    this.path = Files.createTempDirectory("troupe-bench");
  }

  Path path() {
    return path;
  }

  /** The recipes beside the program. */
  static Path recipes() {
    return Path.of(System.getProperty("troupe.home", "."), "cluster-config", "recipes");
  }

  /** Overrides that make the quickstart short; only its last stage matters. */
  static List<String> shortened(Path directory, int steps, String... more) {
    return Stream.concat(
            Stream.of(
                "directory=\"" + directory + "\"",
                "stages.base.steps=4",
                "stages.sft-a.steps=2",
                "stages.sft-b.steps=2",
                "stages.dpo.steps=2",
                "stages.grpo.steps=" + steps,
                "checkpoints.every=1000",
                "evaluate.stages=[]"),
            Stream.of(more))
        .toList();
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> all = Files.walk(path)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

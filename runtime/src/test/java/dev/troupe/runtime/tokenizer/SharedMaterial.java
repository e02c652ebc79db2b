package dev.troupe.runtime.tokenizer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The material beside the repository that golden tests use where it is present. */
public final class SharedMaterial {
  private SharedMaterial() {}

  /** The path of a shared file or folder; the calling test is skipped by name if it is absent. */
  public static Path path(String relative) {
    Path root = Path.of(System.getProperty("troupe.root", "..")).toAbsolutePath();
    Path path = root.resolve("../shared/assets").resolve(relative).normalize();
    assumeTrue(Files.exists(path), () -> "skipped: " + path + " is not on this machine");
    return path;
  }
}

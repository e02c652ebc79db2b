package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code manifest.json}: name, size and SHA-256 of every file of a checkpoint, written last. Files
 * that it does not name are not the checkpoint's and are ignored.
 */
final class Manifest {
  static final String NAME = "manifest.json";

  private static final int VERSION = 1;

  private Manifest() {}

  /** Takes stock of all files below the directory and writes the manifest beside them. */
  static void write(Path directory) throws IOException {
    ObjectNode root = StrictJson.object();
    root.put("version", VERSION);
    ArrayNode files = root.putArray("files");
    for (Path file : filesBelow(directory)) {
      files
          .addObject()
          .put("name", nameOf(directory, file))
          .put("bytes", Files.size(file))
          .put("sha256", Sha256.ofFile(file));
    }
    if (files.isEmpty()) {
      throw new CheckpointException("nothing was written into the checkpoint " + directory);
    }
    StrictJson.write(directory.resolve(NAME), root);
  }

  /**
   * Reads every file again and compares.
   *
   * @throws CheckpointException listing each file that is missing, of another size or changed
   */
  static void verify(Path directory) {
    var mistakes = new ArrayList<String>();
    for (JsonNode file : read(directory)) {
      String name = file.path("name").asText();
      try {
        compare(directory.resolve(name), file, mistakes);
      } catch (IOException e) {
        mistakes.add(name + " cannot be read: " + e);
      }
    }
    if (!mistakes.isEmpty()) {
      throw new CheckpointException(directory + " is corrupt: " + String.join("; ", mistakes));
    }
  }

  private static JsonNode read(Path directory) {
    Path manifest = directory.resolve(NAME);
    JsonNode root = StrictJson.read(manifest);
    if (root.path("version").asInt() != VERSION) {
      throw new CheckpointException(
          "%s: version = %s, supported is only %d"
              .formatted(manifest, root.path("version"), VERSION));
    }
    if (root.path("files").isEmpty()) {
      throw new CheckpointException(manifest + " names no files");
    }
    return root.path("files");
  }

  private static void compare(Path file, JsonNode expected, List<String> mistakes)
      throws IOException {
    String name = expected.path("name").asText();
    if (!Files.isRegularFile(file)) {
      mistakes.add(name + " is missing");
      return;
    }
    // The size is cheap and tells a truncated file from a changed one.
    if (Files.size(file) != expected.path("bytes").asLong()) {
      mistakes.add(
          "%s has %d bytes, expected %s".formatted(name, Files.size(file), expected.path("bytes")));
      return;
    }
    String sha256 = Sha256.ofFile(file);
    if (!sha256.equals(expected.path("sha256").asText())) {
      mistakes.add(
          "%s has SHA-256 %s, expected %s"
              .formatted(name, sha256, expected.path("sha256").asText()));
    }
  }

  private static List<Path> filesBelow(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String nameOf(Path directory, Path file) {
    return directory.relativize(file).toString().replace('\\', '/');
  }
}

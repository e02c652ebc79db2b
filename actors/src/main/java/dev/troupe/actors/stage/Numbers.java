package dev.troupe.actors.stage;

import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.file.Path;
import java.util.Map;

/** Named numbers in a file of a checkpoint. */
final class Numbers {
  private Numbers() {}

  static void write(Path file, Map<String, Double> numbers) {
    CheckpointJson.write(file, numbers);
  }

  static Map<String, Double> read(Path file) {
    return CheckpointJson.read(file, new TypeReference<>() {});
  }
}

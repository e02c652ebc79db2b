package dev.troupe.actors.stage;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Named numbers in a file of a checkpoint, exact to the bit. */
final class Numbers {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Numbers() {}

  static void write(Path file, Map<String, Double> numbers) {
    try {
      JSON.writeValue(file.toFile(), numbers);
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + file + ": " + e, e);
    }
  }

  static Map<String, Double> read(Path file) {
    try {
      return JSON.readValue(Files.readAllBytes(file), new TypeReference<Map<String, Double>>() {});
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e, e);
    }
  }
}

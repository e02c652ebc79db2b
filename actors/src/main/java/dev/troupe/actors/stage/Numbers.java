package dev.troupe.actors.stage;

import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/** Named numbers in a file of a checkpoint. */
final class Numbers {
  private Numbers() {}

  /** Writes them into a file of that name in the directory that it is given. */
  static Consumer<Path> file(String name, Map<String, Double> numbers) {
    return directory -> CheckpointJson.write(directory.resolve(name), numbers);
  }

  static Map<String, Double> read(Path file) {
    return CheckpointJson.read(file, new TypeReference<>() {});
  }
}

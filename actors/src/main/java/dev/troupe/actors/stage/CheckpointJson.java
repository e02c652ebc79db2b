package dev.troupe.actors.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.troupe.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Facts of a checkpoint beside its tensors. Numbers come back to the bit. */
final class CheckpointJson {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private CheckpointJson() {}

  static void write(Path file, Object facts) {
    try {
      JSON.writeValue(file.toFile(), facts);
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + file + ": " + e, e);
    }
  }

  /** Writes a file anew; whoever reads it meanwhile sees the old one or the new one. */
  static void replace(Path file, Object facts) {
    Path draft = file.resolveSibling(file.getFileName() + ".part");
    write(draft, facts);
    try {
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + file + ": " + e, e);
    }
  }

  /**
   * @param type of what was written
   */
  static <T> T read(Path file, TypeReference<T> type) {
    try {
      return JSON.readValue(Files.readAllBytes(file), type);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          file + " is not of a checkpoint of this program; remove the checkpoint", e);
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e, e);
    }
  }
}

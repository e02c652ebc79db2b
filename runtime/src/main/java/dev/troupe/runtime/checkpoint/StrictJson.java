package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * JSON in which a key that comes twice, or anything behind the end, is a mistake and not a habit.
 */
final class StrictJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StrictJson() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Reads a file that must hold one JSON object. */
  static ObjectNode read(Path file) {
    try {
      return parse(file, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e, e);
    }
  }

  /** Reads bytes that must hold one JSON object, naming the place they come from in messages. */
  static ObjectNode parse(Object place, byte[] json) throws IOException {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(place + ": not valid JSON: " + e.getOriginalMessage(), e);
    }
    if (root instanceof ObjectNode object) {
      return object;
    }
    throw new CheckpointException(place + ": expected a JSON object, found " + root.getNodeType());
  }

  /** Writes a file with line breaks and indentation. */
  static void write(Path file, ObjectNode root) {
    try {
      Aside.text(file, root.toPrettyString() + "\n");
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + file + ": " + e, e);
    }
  }
}

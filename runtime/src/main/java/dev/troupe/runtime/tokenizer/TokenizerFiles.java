package dev.troupe.runtime.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files a tokenizer consists of, held in memory: a run saves them long after the directory they
 * were read from may be gone.
 */
final class TokenizerFiles {
  static final String TOKENIZER = "tokenizer.json";
  static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  static final String SPECIAL_TOKENS = "special_tokens_map.json";
  static final String MODEL_CONFIG = "config.json";

  /** What a Hugging Face tokenizer may be made of. */
  private static final List<String> CARRIED =
      List.of(
          TOKENIZER,
          TOKENIZER_CONFIG,
          SPECIAL_TOKENS,
          "added_tokens.json",
          "tokenizer.model",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja");

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path origin;
  private final Map<String, byte[]> contents;

  private TokenizerFiles(Path origin, Map<String, byte[]> contents) {
    this.origin = origin;
    this.contents = contents;
  }

  /** The two files of a built-in tokenizer. */
  static TokenizerFiles of(JsonNode tokenizer, JsonNode config) {
    var contents = new LinkedHashMap<String, byte[]>();
    contents.put(TOKENIZER, bytes(tokenizer));
    contents.put(TOKENIZER_CONFIG, bytes(config));
    return new TokenizerFiles(Path.of(""), contents);
  }

  /** Reads what there is of the tokenizer's files; {@code tokenizer.json} must be there. */
  static TokenizerFiles read(Path directory) {
    Path tokenizer = directory.resolve(TOKENIZER);
    if (!Files.isRegularFile(tokenizer)) {
      throw new TokenizerException(
          Files.isDirectory(directory)
              ? "There is no "
                  + tokenizer
                  + "; copy it from where the model comes from, or convert the model's tokenizer to the Hugging Face fast format."
              : directory
                  + " is no directory; give the directory of a model, with config.json, model.safetensors and tokenizer.json.");
    }
    var contents = new LinkedHashMap<String, byte[]>();
    for (String name : CARRIED) {
      Path file = directory.resolve(name);
      if (Files.isRegularFile(file)) {
        contents.put(name, read(directory, name));
      }
    }
    return new TokenizerFiles(directory, contents);
  }

  byte[] tokenizer() {
    return contents.get(TOKENIZER);
  }

  Path origin() {
    return origin;
  }

  /** The named file as JSON; an empty object if it was not there. */
  JsonNode json(String name) {
    try {
      byte[] content = contents.get(name);
      JsonNode node = content == null ? null : MAPPER.readTree(content);
      return node == null ? MAPPER.createObjectNode() : node;
    } catch (IOException e) {
      throw notJson(origin.resolve(name), e);
    }
  }

  /** The model's own {@code config.json} beside the tokenizer; an empty object if there is none. */
  JsonNode modelConfig() {
    Path file = origin.resolve(MODEL_CONFIG);
    if (!Files.isRegularFile(file)) {
      return MAPPER.createObjectNode();
    }
    try {
      return MAPPER.readTree(read(origin, MODEL_CONFIG));
    } catch (IOException e) {
      throw notJson(file, e);
    }
  }

  void writeTo(Path directory) {
    for (Map.Entry<String, byte[]> file : contents.entrySet()) {
      Path target = directory.resolve(file.getKey());
      try {
        Files.createDirectories(directory);
        Files.write(target, file.getValue());
      } catch (IOException e) {
        throw new TokenizerException(
            "The tokenizer file " + target + " cannot be written: " + e, e);
      }
    }
  }

  private static byte[] read(Path directory, String name) {
    Path file = directory.resolve(name);
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new TokenizerException("The tokenizer file " + file + " cannot be read: " + e, e);
    }
  }

  private static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree in memory did not serialize", e);
    }
  }

  private static TokenizerException notJson(Path file, IOException cause) {
    String place =
        cause instanceof JsonProcessingException json && json.getLocation() != null
            ? " at line %d, column %d"
                .formatted(json.getLocation().getLineNr(), json.getLocation().getColumnNr())
            : "";
    return new TokenizerException(
        file + " is not valid JSON" + place + "; copy it again from where the model comes from.",
        cause);
  }
}

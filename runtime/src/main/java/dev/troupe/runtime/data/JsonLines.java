package dev.troupe.runtime.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads data files with one JSON object on each line, in UTF-8. Empty lines are passed over. */
public final class JsonLines {
  /** After this many bad lines the rest is not looked at. */
  static final int MOST_PROBLEMS = 20;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // Numbers keep their digits on the way to the prompt: 0.10 is not 0.1.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** Makes an example of one line. */
  @FunctionalInterface
  public interface LineMapping {
    /**
     * @param id a name for the example, made of file name and line number
     * @param fields the values of the line by key: texts as they are, other values in JSON; keys
     *     whose value is null are left out
     * @throws IllegalArgumentException if the line cannot be used, naming the field and what is
     *     wrong with it
     */
    Example toExample(String id, Map<String, String> fields);
  }

  private final Path file;
  private final LineMapping mapping;
  private final List<Example> examples = new ArrayList<>();
  private final Map<String, Integer> lineOfId = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  private JsonLines(Path file, LineMapping mapping) {
    this.file = file;
    this.mapping = mapping;
  }

  /**
   * Reads all examples of a file (up to 2 GiB), in its order.
   *
   * @throws DataException if the file cannot be read, has no examples, or has bad lines: up to 20
   *     are listed, each with file, line and field
   */
  public static List<Example> read(Path file, LineMapping mapping) {
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new DataException("data file " + file, List.of("it cannot be read: " + e));
    }
    return new JsonLines(file, mapping).read(content);
  }

  private List<Example> read(byte[] content) {
    int line = 1;
    for (int from = 0; from < content.length && problems.size() < MOST_PROBLEMS; line++) {
      int to = from;
      while (to < content.length && content[to] != '\n') {
        to++;
      }
      readLine(line, ByteBuffer.wrap(content, from, to - from));
      from = to + 1;
    }
    if (problems.size() == MOST_PROBLEMS) {
      problems.add("reading stopped here; there may be more");
    }
    if (problems.isEmpty() && examples.isEmpty()) {
      problems.add("it has no examples");
    }
    if (!problems.isEmpty()) {
      throw new DataException("data file " + file, problems);
    }
    return List.copyOf(examples);
  }

  private void readLine(int line, ByteBuffer bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      if (line == 1 && text.startsWith("\uFEFF")) {
        text = text.substring(1); // a byte order mark, as some editors write it
      }
      if (text.isBlank()) {
        return;
      }
      JsonNode object = MAPPER.readTree(text);
      if (!object.isObject()) {
        throw new IllegalArgumentException("it is not a JSON object");
      }
      Example example = mapping.toExample(file.getFileName() + ":" + line, fields(object));
      Integer earlier = lineOfId.putIfAbsent(example.id(), line);
      if (earlier != null) {
        throw new IllegalArgumentException(
            "the id \"%s\" is already that of line %d".formatted(example.id(), earlier));
      }
      examples.add(example);
    } catch (CharacterCodingException e) {
      note(line, "it is not valid UTF-8");
    } catch (JsonProcessingException e) {
      note(line, "it is not valid JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
    } catch (IllegalArgumentException e) {
      note(line, e.getMessage());
    }
  }

  private void note(int line, String fault) {
    problems.add("%s:%d: %s".formatted(file.getFileName(), line, fault));
  }

  private static Map<String, String> fields(JsonNode object) {
    var fields = new LinkedHashMap<String, String>();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      JsonNode value = entry.getValue();
      if (!value.isNull()) {
        fields.put(entry.getKey(), value.isTextual() ? value.textValue() : value.toString());
      }
    }
    return fields;
  }
}

package dev.troupe.runtime.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * Reads files with one JSON object on each line, in UTF-8, also compressed by gzip ({@code .gz}).
 * Empty lines are passed over. Numbers keep their digits: 0.10 stays 0.10.
 */
final class JsonRows {
  private static final int BUFFER = 1 << 20;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final RowSink sink;
  private byte[] buffer = new byte[BUFFER];

  private JsonRows(RowSink sink) {
    this.sink = sink;
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read
   */
  static void read(Path file, RowSink sink) throws IOException {
    try (InputStream raw = Files.newInputStream(file);
        InputStream in =
            file.getFileName().toString().endsWith(".gz")
                ? new GZIPInputStream(raw, BUFFER)
                : raw) {
      new JsonRows(sink).read(in);
    }
  }

  private void read(InputStream in) throws IOException {
    int line = 1;
    int begin = 0;
    int end = 0;
    int searched = 0;
    while (!sink.isFull()) {
      int feed = searched;
      while (feed < end && buffer[feed] != '\n') {
        feed++;
      }
      if (feed < end) {
        line(line++, begin, feed);
        begin = feed + 1;
        searched = begin;
        continue;
      }
      // The line goes on behind what was read: move it to the front, or make room for it.
      if (begin > 0) {
        System.arraycopy(buffer, begin, buffer, 0, end - begin);
        end -= begin;
        begin = 0;
      } else if (end == buffer.length) {
        buffer = Arrays.copyOf(buffer, Math.multiplyExact(buffer.length, 2));
      }
      searched = end;
      int count = in.read(buffer, end, buffer.length - end);
      if (count < 0) {
        if (end > 0) {
          line(line, 0, end);
        }
        return;
      }
      end += count;
    }
  }

  private void line(int line, int begin, int end) {
    int from = begin;
    if (line == 1
        && end - from >= 3
        && Arrays.equals(buffer, from, from + 3, BYTE_ORDER_MARK, 0, 3)) {
      from += 3; // as some editors write it
    }
    while (from < end && buffer[from] <= ' ' && buffer[from] >= 0) {
      from++;
    }
    if (from == end) {
      return;
    }
    try {
      if (buffer[from] != '{') {
        MAPPER.readTree(buffer, from, end - from); // says what is wrong with it if it is no JSON
        throw new IllegalArgumentException("it is not a JSON object");
      }
      sink.row(line, fields(from, end - from));
    } catch (JsonProcessingException e) {
      sink.fault(line, isText(from, end) ? json(e) : "it is not valid UTF-8");
    } catch (IOException e) {
      sink.fault(line, isText(from, end) ? "it cannot be read: " + e : "it is not valid UTF-8");
    } catch (IllegalArgumentException e) {
      sink.fault(line, e.getMessage());
    }
  }

  private Map<String, String> fields(int from, int length) throws IOException {
    var fields = new LinkedHashMap<String, String>();
    try (JsonParser parser = MAPPER.createParser(buffer, from, length)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value == JsonToken.START_OBJECT || value == JsonToken.START_ARRAY) {
          fields.put(name, parser.<JsonNode>readValueAsTree().toString());
        } else if (value != JsonToken.VALUE_NULL) {
          fields.put(name, parser.getText());
        }
      }
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("it is not valid JSON: something follows the object");
      }
    }
    return fields;
  }

  private static String json(JsonProcessingException e) {
    return "it is not valid JSON: " + e.getOriginalMessage().lines().findFirst().orElse("");
  }

  private boolean isText(int from, int end) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(buffer, from, end - from));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}

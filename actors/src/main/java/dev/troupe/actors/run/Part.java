package dev.troupe.actors.run;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A section of a recipe, such as a task, a reward or a shaping, built in Java: its keys and values
 * are those of the recipe, and what is left out takes the same defaults. Immutable.
 */
public final class Part {
  private final Map<String, Object> content;

  private Part(Map<String, Object> content) {
    this.content = content;
  }

  /** A section without keys. */
  public static Part empty() {
    return new Part(Map.of());
  }

  /** A section of a kind. */
  public static Part of(String kind) {
    return empty().with("kind", kind);
  }

  /**
   * With one more key.
   *
   * @param key a path, such as {@code lora.rank}
   * @param value a number, a text, a boolean, a path, a {@link Part}, or a list of these
   */
  public Part with(String key, Object value) {
    return new Part(put(content, key, value));
  }

  Map<String, Object> content() {
    return content;
  }

  private static Map<String, Object> put(Map<String, Object> section, String key, Object value) {
    var more = new LinkedHashMap<>(section);
    int dot = key.indexOf('.');
    if (dot < 0) {
      more.put(key, plain(value));
    } else {
      String head = key.substring(0, dot);
      Map<String, Object> inner = new LinkedHashMap<>();
      if (section.get(head) instanceof Map<?, ?> there) {
        there.forEach((name, known) -> inner.put((String) name, known));
      }
      more.put(head, put(inner, key.substring(dot + 1), value));
    }
    return Collections.unmodifiableMap(more);
  }

  private static Object plain(Object value) {
    if (value instanceof Part part) {
      return part.content();
    } else if (value instanceof List<?> list) {
      return list.stream().map(Part::plain).toList();
    } else if (value instanceof Path path) {
      return path.toString();
    }
    return value;
  }
}

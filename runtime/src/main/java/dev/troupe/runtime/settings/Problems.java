package dev.troupe.runtime.settings;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The mistakes found so far. A section shared by several stages has its mistakes once: the same
 * thing is not said twice of one value, or of one section.
 */
final class Problems {
  private record Problem(String file, int line, String sentence) {}

  private final List<Problem> found = new ArrayList<>();
  private final Map<Object, Set<String>> said = new IdentityHashMap<>();

  /**
   * Adds a mistake in a value.
   *
   * @param key full key, which begins the sentence
   * @param sentence the rest of it, with its leading space
   */
  void add(ConfigValue value, String key, String sentence) {
    add(value, value.origin(), key, sentence);
  }

  /** Adds a mistake in a section that was written at {@code place}. */
  void add(ConfigOrigin place, String key, String sentence) {
    add(place, place, key, sentence);
  }

  private void add(Object subject, ConfigOrigin origin, String key, String sentence) {
    if (said.computeIfAbsent(subject, s -> new HashSet<>()).add(tail(key) + sentence)) {
      String file = String.valueOf(origin.filename());
      found.add(new Problem(file, origin.lineNumber(), key + sentence));
    }
  }

  /** The key within its section, such as {@code optimizer.epsilon}: the same in every stage. */
  private static String tail(String key) {
    int last = key.lastIndexOf('.');
    return key.substring(key.lastIndexOf('.', last - 1) + 1);
  }

  void throwIfAny() {
    if (!found.isEmpty()) {
      throw new SettingsException(
          found.stream()
              .sorted(Comparator.comparing(Problem::file).thenComparingInt(Problem::line))
              .map(Problem::sentence)
              .toList());
    }
  }
}

package dev.troupe.runtime.settings;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Map;

/**
 * Lays one section over another. HOCON's own {@code withFallback} does the same but gives a merged
 * section an origin in both files, where a message must name the one that the user wrote.
 */
final class Overlay {
  private Overlay() {}

  /** The keys of both; where both have a value, that of {@code top}, section by section. */
  static ConfigObject of(ConfigObject top, ConfigObject bottom) {
    ConfigObject merged = top;
    for (Map.Entry<String, ConfigValue> entry : bottom.entrySet()) {
      ConfigValue above = top.get(entry.getKey());
      if (above == null) {
        merged = merged.withValue(entry.getKey(), entry.getValue());
      } else if (above instanceof ConfigObject upper
          && entry.getValue() instanceof ConfigObject lower) {
        merged = merged.withValue(entry.getKey(), of(upper, lower));
      }
    }
    return merged;
  }

  /** The section of that name within {@code parent}; empty if there is none. */
  static ConfigObject section(ConfigObject parent, String key) {
    return parent.get(key) instanceof ConfigObject section
        ? section
        : ConfigFactory.empty().root().withOrigin(parent.origin());
  }

  /** {@code parent} with {@code bottom} laid under its section {@code key}, which it may lack. */
  static ConfigObject under(ConfigObject parent, String key, ConfigObject bottom) {
    ConfigValue value = parent.get(key);
    if (value == null) {
      return parent.withValue(key, bottom);
    }
    return value instanceof ConfigObject section
        ? parent.withValue(key, of(section, bottom))
        : parent;
  }
}

package dev.troupe.runtime.settings;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Names for the elements of a list, so that {@code stages.grpo.steps} can be said in messages and
 * on the command line: an element's {@code name}, else its {@code kind}, else its position from 0.
 */
final class Labels {
  private Labels() {}

  /** One label for each element; positions throughout if two elements would share a label. */
  static List<String> of(ConfigList list) {
    List<String> labels = list.stream().map(Labels::of).toList();
    if (!labels.contains("") && new HashSet<>(labels).size() == labels.size()) {
      return labels;
    }
    return IntStream.range(0, list.size()).mapToObj(Integer::toString).toList();
  }

  private static String of(ConfigValue element) {
    if (element instanceof ConfigObject section) {
      for (String key : List.of("name", "kind")) {
        ConfigValue value = section.get(key);
        if (value != null && value.valueType() == ConfigValueType.STRING) {
          return (String) value.unwrapped();
        }
      }
    }
    return "";
  }
}

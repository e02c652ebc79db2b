package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * Settings given as {@code key=value} beside a recipe; they win over it. A key reaches into a list
 * by the label of an element: {@code stages.grpo.steps=10}.
 *
 * <p>{@code model.path=DIR} stands for a whole model: it takes the place of a new decoder that the
 * recipe describes, and brings its own tokenizer unless one is given too.
 */
final class Overrides {
  private static final String MODEL = "model";
  private static final String PATH = "path";
  private static final List<String> MODEL_PATH = List.of(MODEL, PATH);

  private record Setting(List<String> path, ConfigValue value) {}

  private final List<Setting> overrides = new ArrayList<>();

  /**
   * @throws SettingsException naming every text that is not {@code key=value}
   */
  static Overrides of(List<String> texts) {
    Overrides parsed = new Overrides();
    List<String> problems = new ArrayList<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      try {
        List<String> path = ConfigUtil.splitPath(text.substring(0, Math.max(equals, 0)).trim());
        parsed.overrides.add(new Setting(path, value(text.substring(equals + 1).trim())));
      } catch (ConfigException e) {
        problems.add(
            "\""
                + text
                + "\" ("
                + Place.COMMAND_LINE
                + ") is not an override; write key=value, such as stages.grpo.steps=10");
      }
    }
    if (!problems.isEmpty()) {
      throw new SettingsException(problems);
    }
    return parsed;
  }

  /** Any HOCON value; what is none, such as cuda:0, is taken as a text. */
  private static ConfigValue value(String text) {
    try {
      Config parsed = ConfigFactory.parseString("value = " + text).resolve();
      if (parsed.root().size() == 1 && parsed.hasPathOrNull("value")) {
        return placed(parsed.root().get("value"));
      }
    } catch (ConfigException.Parse e) {
      // Not HOCON: a text.
    }
    return placed(ConfigValueFactory.fromAnyRef(text));
  }

  private static ConfigValue placed(ConfigValue value) {
    ConfigValue placed = value;
    if (value instanceof ConfigObject section) {
      ConfigObject copy = section;
      for (String key : section.keySet()) {
        copy = copy.withValue(key, placed(section.get(key)));
      }
      placed = copy;
    } else if (value instanceof ConfigList list) {
      placed = ConfigValueFactory.fromIterable(list.stream().map(Overrides::placed).toList());
    }
    return placed.withOrigin(ConfigOriginFactory.newSimple(Place.COMMAND_LINE));
  }

  boolean isEmpty() {
    return overrides.isEmpty();
  }

  /** The overrides that reach into no list, as a configuration for substitutions to look into. */
  Config plain() {
    Config config = ConfigFactory.empty();
    for (Setting override : overrides) {
      config = config.withValue(ConfigUtil.joinPath(override.path()), override.value());
    }
    return config.withoutPath("stages").withoutPath("reward");
  }

  /**
   * Sets the values in a resolved recipe.
   *
   * @throws SettingsException if a key reaches into a list for an element that is not there
   */
  ConfigObject applyTo(ConfigObject recipe) {
    ConfigValue result = withGivenModel(recipe);
    for (Setting override : overrides) {
      result = set(result, override, 0);
    }
    return (ConfigObject) result;
  }

  private ConfigObject withGivenModel(ConfigObject recipe) {
    boolean isGiven = overrides.stream().anyMatch(it -> it.path().equals(MODEL_PATH));
    if (!isGiven || Overlay.section(recipe, MODEL).containsKey(PATH)) {
      return recipe;
    }
    ConfigObject own = (ConfigObject) value("{ kind = model }");
    return recipe.withoutKey(MODEL).withValue("tokenizer", own);
  }

  private static ConfigValue set(ConfigValue node, Setting override, int depth) {
    if (depth == override.path().size()) {
      return override.value();
    }
    String key = override.path().get(depth);
    if (node instanceof ConfigList list) {
      List<String> labels = Labels.of(list);
      int index = labels.indexOf(key);
      if (index < 0) {
        throw new SettingsException(List.of(noElement(override, depth, labels)));
      }
      List<ConfigValue> elements = new ArrayList<>(list);
      elements.set(index, set(list.get(index), override, depth + 1));
      return ConfigValueFactory.fromIterable(elements).withOrigin(list.origin());
    }
    ConfigObject section =
        node instanceof ConfigObject object
            ? object
            : ConfigFactory.empty().root().withOrigin(override.value().origin());
    return section.withValue(key, set(section.get(key), override, depth + 1));
  }

  private static String noElement(Setting override, int depth, List<String> labels) {
    return String.join(".", override.path())
        + " ("
        + Place.COMMAND_LINE
        + ") reaches for \""
        + override.path().get(depth)
        + "\", which is not in the list "
        + String.join(".", override.path().subList(0, depth))
        + "; choose one of "
        + String.join(", ", labels);
  }
}

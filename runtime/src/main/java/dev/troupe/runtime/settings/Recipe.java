package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The file in which a person describes a run, in HOCON, without any prefix. Whatever is wrong with
 * it ends in one {@link SettingsException}.
 */
public final class Recipe {
  /**
   * Where the recipe lies whose settings these are: relative paths of data are looked for there.
   */
  static final String FOLDER = "recipe-folder";

  private static final String DATA = "data";
  private static final ConfigParseOptions HOCON =
      ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setAllowMissing(false);

  /** What the library says of most unexpected tokens, though no parenthesis is missing. */
  private static final String MISLEADING = "expecting a close parentheses ')' here, not: ";

  private Recipe() {}

  /**
   * @param file the recipe, or the {@code run.conf} of a run
   * @throws SettingsException naming every mistake
   */
  public static RunSettings load(Path file) {
    return load(file, List.of());
  }

  /**
   * @param file the recipe, or the {@code run.conf} of a run
   * @param overrides texts {@code key=value} that win over the file; {@code stages.<name>.<key>}
   *     reaches a stage
   * @throws SettingsException naming every mistake
   */
  public static RunSettings load(Path file, List<String> overrides) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new SettingsException(
          List.of(
              "recipe "
                  + file
                  + " is not a readable file; give the path of a recipe, such as"
                  + " cluster-config/recipes/quickstart.conf"));
    }
    return bind(() -> placed(ConfigFactory.parseFile(file.toFile(), HOCON), file), overrides);
  }

  /**
   * Notes where the recipe lies if it names data, so that its run.conf, which lies elsewhere, finds
   * the same files.
   */
  private static Config placed(Config recipe, Path file) {
    boolean hasStages = recipe.root().get("stages") instanceof ConfigList;
    boolean namesData =
        recipe.root().containsKey(DATA)
            || (hasStages
                && ((ConfigList) recipe.root().get("stages"))
                    .stream()
                        .anyMatch(
                            it -> it instanceof ConfigObject stage && stage.containsKey(DATA)));
    if (!namesData) {
      return recipe;
    }
    Path folder = file.toAbsolutePath().normalize().getParent();
    return recipe.withFallback(
        ConfigFactory.parseMap(Map.of(FOLDER, folder.toString()), file.toString()));
  }

  /**
   * @param text a recipe
   * @param description what to call the text in messages, in place of its file
   * @throws SettingsException naming every mistake
   */
  public static RunSettings parse(String text, String description) {
    return parse(text, description, List.of());
  }

  /**
   * @param text a recipe
   * @param description what to call the text in messages, in place of its file
   * @param overrides as in {@link #load(Path, List)}
   * @throws SettingsException naming every mistake
   */
  public static RunSettings parse(String text, String description, List<String> overrides) {
    ConfigParseOptions named = HOCON.setOriginDescription(description);
    return bind(() -> ConfigFactory.parseString(text, named), overrides);
  }

  /**
   * @param recipe keys of the recipe with numbers, texts, booleans, lists and maps of these
   * @param description what to call it in messages, in place of a file
   * @throws SettingsException naming every mistake
   */
  public static RunSettings of(Map<String, ?> recipe, String description) {
    return bind(() -> ConfigValueFactory.fromMap(recipe, description).toConfig(), List.of());
  }

  private static RunSettings bind(Supplier<Config> source, List<String> texts) {
    Overrides overrides = Overrides.of(texts);
    ConfigObject recipe = overrides.applyTo(resolve(source, overrides));
    return RunSettings.from(new ResolvedConfig(Defaults.shipped().complete(recipe)));
  }

  private static ConfigObject resolve(Supplier<Config> source, Overrides overrides) {
    try {
      Config parsed = source.get();
      // Substitutions see the overrides: seed=2 also reaches every ${seed} of the recipe.
      return overrides.isEmpty()
          ? parsed.resolve().root()
          : parsed.resolveWith(overrides.plain().withFallback(parsed)).root();
    } catch (ConfigException e) {
      throw new SettingsException(List.of(sentence(e)), e);
    }
  }

  /** The library's message, its place moved behind what is wrong. */
  private static String sentence(ConfigException e) {
    String message = String.valueOf(e.getMessage());
    if (e.origin() == null) {
      return "the recipe cannot be read: " + message;
    }
    String prefix = e.origin().description() + ": ";
    String fault = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    if (fault.startsWith(MISLEADING)) {
      fault =
          "unexpected "
              + fault.substring(MISLEADING.length())
              + "; look for a missing value or an unclosed brace or bracket";
    }
    return "the recipe cannot be read at " + Place.of(e.origin()) + ": " + fault;
  }
}

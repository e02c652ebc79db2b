package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Typed readers over one section of a configuration that gather every mistake instead of stopping
 * at the first.
 *
 * <p>A reader that cannot return what was asked notes the problem and returns a placeholder inside
 * the allowed range, so the caller reads on; {@link #throwIfAny} then refuses the whole. Keys that
 * no reader asked for are mistakes too, so ask for every key that has a meaning. Keys are names in
 * this section, never dotted paths. Not safe for use by several threads.
 */
public final class Checked extends Section {

  /**
   * @param root resolved configuration whose keys are all to be read
   */
  public Checked(Config root) {
    this(root, "");
  }

  /**
   * @param section resolved section whose keys are all to be read
   * @param path full key of the section, for messages, such as {@code task}; empty for the root
   */
  public Checked(Config section, String path) {
    super(section.root(), path);
  }

  private Checked(ConfigObject content, String path, Checked parent) {
    super(content, path, parent);
  }

  /**
   * @return a text that is not empty; a number or a boolean is taken as its text
   */
  public String text(String key) {
    return text(key, "a text");
  }

  /**
   * @param allowed what the whole text must match
   * @param meaning the same in words, for the message
   * @return the text
   */
  public String text(String key, Pattern allowed, String meaning) {
    String text = text(key);
    if (isSound(key) && !allowed.matcher(text).matches()) {
      refuse(key, "must be " + meaning);
    }
    return text;
  }

  /**
   * @param parser makes a value of the text; its {@link IllegalArgumentException} is the mistake
   * @return the value; null after a mistake
   */
  public <T> T parsed(String key, Function<String, T> parser) {
    String text = text(key);
    if (!isSound(key)) {
      return null;
    }
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      refuse(key, "cannot be used", e.getMessage());
      return null;
    }
  }

  /**
   * @return a path, relative to the working directory unless absolute
   */
  public Path path(String key) {
    return path(key, "a path");
  }

  /**
   * @return the path of a file that can be read, relative to the working directory unless absolute
   */
  public Path file(String key) {
    Path file = path(key, "the path of a file");
    if (isSound(key) && (Files.isDirectory(file) || !Files.isReadable(file))) {
      refuse(key, "is not a readable file", "looked for " + file.toAbsolutePath());
    }
    return file;
  }

  /**
   * @return one of {@code allowed}
   */
  public String oneOf(String key, Collection<String> allowed) {
    String text = read(key, oneOf(allowed), "", Values::isScalar, this::scalar);
    if (isSound(key) && !allowed.contains(text)) {
      refuse(
          key,
          "is not " + oneOf(allowed),
          Spelling.nearest(text, allowed).map(Spelling::question).orElse(""));
    }
    return text;
  }

  /**
   * @return the constant whose name, in kebab-case, is the value; null after a mistake
   */
  public <E extends Enum<E>> E choice(String key, Class<E> type) {
    List<E> constants = List.of(type.getEnumConstants());
    List<String> names = constants.stream().map(Values::kebab).toList();
    String text = oneOf(key, names);
    return isSound(key) ? constants.get(names.indexOf(text)) : null;
  }

  /**
   * @return a whole number in [min, max]
   */
  public int integer(String key, int min, int max) {
    return (int) longInteger(key, min, max);
  }

  /**
   * @return a whole number in [min, max]
   */
  public long longInteger(String key, long min, long max) {
    String allowed = "a whole number in [" + min + ", " + max + "]";
    BigDecimal number =
        read(
            key,
            allowed,
            BigDecimal.valueOf(min),
            value ->
                Values.number(value).filter(n -> n.stripTrailingZeros().scale() <= 0).isPresent(),
            k -> Values.number(content.get(k)).orElseThrow());
    if (number.compareTo(BigDecimal.valueOf(min)) >= 0
        && number.compareTo(BigDecimal.valueOf(max)) <= 0) {
      return number.longValueExact();
    }
    refuse(key, "is outside [" + min + ", " + max + "]");
    return min;
  }

  /**
   * @return a number in [min, max]; never NaN or infinite
   */
  public double decimal(String key, double min, double max) {
    String allowed = "a number in [" + min + ", " + max + "]";
    double number =
        read(
            key,
            allowed,
            min,
            value -> Values.number(value).isPresent(),
            k -> Values.number(content.get(k)).orElseThrow().doubleValue());
    if (min <= number && number <= max) {
      return number;
    }
    refuse(key, "is outside [" + min + ", " + max + "]");
    return min;
  }

  /**
   * @return the truth value
   */
  public boolean bool(String key) {
    return read(
        key,
        "true or false",
        false,
        value ->
            Values.isScalar(value)
                && Values.canBeRead(() -> content.toConfig().getBoolean(quoted(key))),
        k -> content.toConfig().getBoolean(quoted(k)));
  }

  /**
   * @return a duration in [min, max]; it must be written with its unit
   */
  public Duration duration(String key, Duration min, Duration max) {
    String allowed = "a duration with its unit, such as 90s or 10m";
    Duration duration =
        read(
            key,
            allowed,
            min,
            // A bare number would silently be milliseconds.
            value ->
                value.valueType() == ConfigValueType.STRING
                    && Values.number(value).isEmpty()
                    && Values.canBeRead(() -> content.toConfig().getDuration(quoted(key))),
            k -> content.toConfig().getDuration(quoted(k)));
    if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
      refuse(key, "is outside [" + unit(min) + ", " + unit(max) + "]");
      return min;
    }
    return duration;
  }

  /**
   * @return a list of texts; may be empty
   */
  public List<String> texts(String key) {
    return read(
        key,
        "a list of texts, such as [a, b]",
        List.of(),
        value -> Values.isListOf(value, Values::isScalar),
        k -> List.copyOf(content.toConfig().getStringList(quoted(k))));
  }

  /**
   * @return a list of numbers in [min, max]; may be empty
   */
  public List<Double> decimals(String key, double min, double max) {
    List<Double> numbers =
        read(
            key,
            "a list of numbers, such as [0.5, 0.5]",
            List.of(),
            value -> Values.isListOf(value, element -> Values.number(element).isPresent()),
            k -> List.copyOf(content.toConfig().getDoubleList(quoted(k))));
    if (!numbers.stream().allMatch(number -> min <= number && number <= max)) {
      refuse(key, "has a number outside [" + min + ", " + max + "]");
      return List.of();
    }
    return numbers;
  }

  /**
   * @return a list of whole numbers in [min, max]; may be empty
   */
  public List<Integer> integers(String key, int min, int max) {
    List<Double> numbers = decimals(key, min, max);
    if (!numbers.stream().allMatch(number -> number == Math.rint(number))) {
      refuse(key, "has a number that is not whole");
      return List.of();
    }
    return numbers.stream().map(Double::intValue).toList();
  }

  /**
   * @param reader a reader of this object, such as {@code k -> c.integer(k, 1, 9)}
   * @return what the reader returns, or empty if the key is not set
   */
  public <T> Optional<T> optional(String key, Function<String, T> reader) {
    return has(key) ? Optional.ofNullable(reader.apply(key)) : Optional.empty();
  }

  /**
   * @return readers of the section; if it is missing or no section, that is the only mistake noted
   *     and every reader returns placeholders
   */
  public Checked section(String key) {
    ConfigObject value =
        read(
            key,
            "a section { ... }",
            null,
            ConfigObject.class::isInstance,
            k -> (ConfigObject) content.get(k));
    return value == null
        ? new Checked(ConfigFactory.empty(), full(key))
        : new Checked(value, full(key), this);
  }

  /**
   * @return readers of each section of a list; their paths use the name or kind of the section
   *     where that is unique, else its position from 0
   */
  public List<Checked> sections(String key) {
    List<ConfigObject> values = objects(key);
    List<String> labels = values.isEmpty() ? List.of() : Labels.of((ConfigList) content.get(key));
    List<Checked> sections = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      sections.add(new Checked(values.get(i), full(key) + "." + labels.get(i), this));
    }
    return sections;
  }

  /**
   * @return a section whose keys someone else checks; empty after a mistake
   */
  public Config opaque(String key) {
    return read(
        key,
        "a section { ... }",
        ConfigFactory.empty(),
        ConfigObject.class::isInstance,
        k -> ((ConfigObject) content.get(k)).toConfig());
  }

  /**
   * @return a list of sections whose keys someone else checks; empty after a mistake
   */
  public List<Config> opaqueList(String key) {
    return objects(key).stream().map(ConfigObject::toConfig).toList();
  }

  private List<ConfigObject> objects(String key) {
    return read(
        key,
        "a list of sections [ { ... }, { ... } ]",
        List.of(),
        value -> Values.isListOf(value, ConfigObject.class::isInstance),
        k -> ((ConfigList) content.get(k)).stream().map(ConfigObject.class::cast).toList());
  }

  private <T> T read(
      String key,
      String allowed,
      T placeholder,
      Predicate<ConfigValue> fits,
      Function<String, T> reader) {
    if (!has(key)) {
      miss(key, allowed);
      return placeholder;
    }
    if (!fits.test(content.get(key))) {
      refuse(key, "is not " + allowed);
      return placeholder;
    }
    return reader.apply(key);
  }

  private String text(String key, String allowed) {
    return read(
        key, allowed, "", value -> Values.isScalar(value) && !scalar(key).isEmpty(), this::scalar);
  }

  private Path path(String key, String allowed) {
    String text = text(key, allowed);
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      refuse(key, "is not a path on this system");
      return Path.of("");
    }
  }

  private String scalar(String key) {
    return content.toConfig().getString(quoted(key));
  }

  private static String quoted(String key) {
    return ConfigUtil.quoteString(key);
  }

  private static String oneOf(Collection<String> allowed) {
    return (allowed.size() > 1 ? "one of " : "") + String.join(", ", allowed);
  }

  private static String unit(Duration duration) {
    return duration.toString().substring(2).toLowerCase(Locale.ROOT);
  }
}

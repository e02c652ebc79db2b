package dev.troupe.runtime.data;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The settings of one task or reward, read key by key. A bad or missing value is noted and a
 * stand-in returned, so that {@link #throwIfAny} can report all mistakes at once, unknown keys
 * among them. Used by one thread, while the task or reward is made.
 */
public final class Section {
  private final String subject;
  private final Config config;
  private final Set<String> known = new LinkedHashSet<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * @param subject what the section is about, for messages, such as {@code task sort-digits}
   * @param config the section itself, its keys at the top
   */
  public Section(String subject, Config config) {
    this.subject = subject;
    this.config = config;
  }

  /** A whole number in [min, max]; {@code min} if it is missing or bad. */
  public long integer(String key, long min, long max) {
    Optional<Long> value = read(key, path -> config.getLong(path));
    if (value.isPresent() && (value.get() < min || value.get() > max)) {
      reject(key, "is outside [" + min + ", " + max + "]");
      return min;
    }
    return value.orElseGet(() -> missing(key, "a whole number from " + min + " to " + max, min));
  }

  /** A finite number in [min, max]; {@code min} if it is missing or bad. */
  public double decimal(String key, double min, double max) {
    Optional<Double> value = read(key, path -> config.getDouble(path));
    if (value.isPresent() && !(min <= value.get() && value.get() <= max)) {
      reject(key, "is outside [" + min + ", " + max + "]");
      return min;
    }
    return value.orElseGet(() -> missing(key, "a number from " + min + " to " + max, min));
  }

  /** A text; empty if it is missing or bad. */
  public String text(String key) {
    return optionalText(key).orElseGet(() -> missing(key, "a text", ""));
  }

  /** A text that may be left out. */
  public Optional<String> optionalText(String key) {
    return read(key, path -> config.getString(path));
  }

  /** A readable file; relative paths start at the working directory. */
  public Path file(String key) {
    return optionalFile(key).orElseGet(() -> missing(key, "the path of a file", Path.of("")));
  }

  /** A readable file that may be left out. */
  public Optional<Path> optionalFile(String key) {
    Optional<Path> file = parsed(key, Path::of);
    file.filter(path -> !Files.isReadable(path) || Files.isDirectory(path))
        .ifPresent(path -> reject(key, "is not a readable file (" + path.toAbsolutePath() + ")"));
    return file;
  }

  /** A section inside this one, which reads its own keys; empty if it is left out. */
  public Config inner(String key) {
    return read(key, path -> config.getConfig(path)).orElseGet(ConfigFactory::empty);
  }

  /** A value made from a text by something that throws when the text is bad. */
  public <T> Optional<T> parsed(String key, Function<String, T> parser) {
    Optional<String> text = optionalText(key);
    try {
      return text.map(parser);
    } catch (IllegalArgumentException e) {
      reject(key, "is refused: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** A prompt template; an empty one if it is missing or bad. */
  public PromptTemplate template(String key) {
    Optional<PromptTemplate> template = parsed(key, PromptTemplate::parse);
    return template.orElseGet(
        () -> missing(key, "a template such as \"{question}\"", PromptTemplate.parse("")));
  }

  /** Accepts a key without reading it, because someone else does. */
  public void accept(String key) {
    known.add(key);
  }

  /** Notes that the value of a key cannot be used; {@code fault} continues "key = value". */
  public void reject(String key, String fault) {
    String path = ConfigUtil.joinPath(key);
    if (config.hasPath(path)) {
      ConfigValue value = config.getValue(path);
      String shown = value.render(ConfigRenderOptions.concise());
      problems.add("%s = %s %s (%s)".formatted(key, shown, fault, value.origin().description()));
    } else {
      problems.add(key + " " + fault + where());
    }
  }

  /** Notes a mistake that is not about one key. */
  public void reject(String problem) {
    problems.add(problem + where());
  }

  /** What has been noted so far. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /**
   * Ends the reading.
   *
   * @throws DataException with everything noted, and every key that nobody asked for
   */
  public void throwIfAny() {
    for (String key : new TreeSet<>(config.root().keySet())) {
      if (!known.contains(key)) {
        reject(key, "is an unknown key; known are " + String.join(", ", new TreeSet<>(known)));
      }
    }
    if (!problems.isEmpty()) {
      throw new DataException(subject, problems);
    }
  }

  /**
   * Ends the reading as {@link #throwIfAny} does, then makes what the section describes.
   *
   * @param maker its {@link IllegalArgumentException} counts as a mistake in the section
   * @throws DataException if there is any mistake
   */
  public <T> T make(Supplier<T> maker) {
    throwIfAny();
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      reject(e.getMessage());
      throw new DataException(subject, problems);
    }
  }

  private <T> Optional<T> read(String key, Function<String, T> reader) {
    known.add(key);
    String path = ConfigUtil.joinPath(key);
    if (!config.hasPath(path)) {
      return Optional.empty();
    }
    try {
      return Optional.of(reader.apply(path));
    } catch (ConfigException e) {
      reject(key, "is of the wrong kind: " + e.getMessage());
      return Optional.empty();
    }
  }

  private <T> T missing(String key, String wanted, T standIn) {
    boolean alreadyRejected = config.hasPath(ConfigUtil.joinPath(key));
    if (!alreadyRejected) {
      problems.add(key + " is missing; give " + wanted + where());
    }
    return standIn;
  }

  private String where() {
    String origin = config.origin().description();
    return config.isEmpty() ? "" : " (" + origin + ")";
  }
}

package dev.troupe.runtime.reward;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.data.DataException;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.settings.SettingsException;
import dev.troupe.runtime.tokenizer.TokenizerException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The weighted sum of named reward functions. Immutable; used by several threads at once. */
public final class WeightedReward implements AutoCloseable {
  /** Beyond this, a weight is more likely a slip of the finger. */
  private static final double LARGEST_WEIGHT = 1e6;

  /**
   * One term of the sum.
   *
   * @param name what its score is called in records and metrics
   * @param weight its factor; may be negative; 0 records the score without training on it
   * @param function what scores
   * @param version identifies the function for records: see {@link RewardVersion}
   */
  public record Component(String name, double weight, RewardFunction function, String version) {
    /** A term without settings. */
    public Component(String name, double weight, RewardFunction function) {
      this(name, weight, function, RewardVersion.of(function, ""));
    }

    /** Refuses a weight that is not a finite number. */
    public Component {
      if (!Double.isFinite(weight)) {
        throw new IllegalArgumentException(
            "the weight " + weight + " of reward " + name + " is not a finite number");
      }
    }
  }

  private final List<Component> components;

  /**
   * @param components the terms, at least one, with different names
   */
  public WeightedReward(List<Component> components) {
    this.components = List.copyOf(components);
    if (components.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no reward; give at least one, such as { kind = exact-match, weight = 1 }");
    }
    var names = new HashSet<String>();
    for (Component component : components) {
      if (!names.add(component.name())) {
        throw new IllegalArgumentException(
            "two rewards are called " + component.name() + "; give each a name = … of its own");
      }
    }
  }

  /**
   * Makes the reward that a list of sections describes, each with its {@code kind}, its {@code
   * weight} and the keys of that kind. A component is called what its section gives as {@code
   * name}, else by the name of its function.
   *
   * @param path full key of the list, for messages, such as {@code reward}
   * @throws SettingsException if anything is wrong, with the mistakes of all sections
   * @throws dev.troupe.runtime.data.DataException if a data file of a reward is bad
   */
  public static WeightedReward from(String path, List<Config> rewards, RewardCatalog catalog) {
    List<ConfigObject> complete =
        rewards.stream().map(catalog::complete).map(Config::root).toList();
    int dot = path.lastIndexOf('.');
    String key = path.substring(dot + 1);
    var list =
        new Checked(
            ConfigFactory.empty().withValue(key, ConfigValueFactory.fromIterable(complete)),
            path.substring(0, Math.max(dot, 0)));
    List<Checked> sections = list.sections(key);
    List<Draft> drafts =
        IntStream.range(0, sections.size())
            .mapToObj(i -> Draft.read(sections.get(i), catalog, complete.get(i)))
            .toList();
    list.throwIfAny();
    var components = new ArrayList<Component>();
    try {
      make(drafts, components);
      list.throwIfAny();
      return new WeightedReward(components);
    } catch (RuntimeException e) {
      close(components);
      throw e;
    }
  }

  /** Makes what can be made; what the files and models of the others lack is told together. */
  private static void make(List<Draft> drafts, List<Component> components) {
    var names = new HashSet<String>();
    var failures = new LinkedHashSet<RuntimeException>();
    for (Draft draft : drafts) {
      try {
        Component component = draft.make();
        if (!names.add(component.name())) {
          draft.refuseName(component.name());
        }
        components.add(component);
      } catch (SettingsException
          | DataException
          | CheckpointException
          | TokenizerException lacking) {
        failures.add(lacking);
      }
    }
    if (failures.size() == 1) {
      throw failures.iterator().next();
    }
    if (!failures.isEmpty()) {
      var all = new SettingsException(failures.stream().map(Throwable::getMessage).toList());
      failures.forEach(all::addSuppressed);
      throw all;
    }
  }

  /** Lets go of what rewards hold, such as models. */
  @Override
  public void close() {
    close(components);
  }

  private static void close(List<Component> components) {
    for (Component component : components) {
      if (component.function() instanceof AutoCloseable held) {
        try {
          held.close();
        } catch (Exception e) {
          throw new IllegalStateException(
              "the reward " + component.name() + " cannot be closed", e);
        }
      }
    }
  }

  /** A section that has been read, but not yet found free of mistakes. */
  private record Draft(
      Checked section,
      double weight,
      Optional<String> name,
      Optional<Supplier<RewardFunction>> function,
      String settings) {

    static Draft read(Checked section, RewardCatalog catalog, ConfigObject written) {
      double weight = section.decimal("weight", -LARGEST_WEIGHT, LARGEST_WEIGHT);
      Optional<String> name = section.optional("name", section::text);
      return new Draft(
          section,
          weight,
          name,
          catalog.read(section),
          written.withoutKey("weight").withoutKey("name").render(ConfigRenderOptions.concise()));
    }

    Component make() {
      RewardFunction made = function.orElseThrow().get();
      return new Component(
          name.orElseGet(made::name), weight, made, RewardVersion.of(made, settings));
    }

    void refuseName(String taken) {
      section.refuse(
          name.isPresent() ? "name" : "kind",
          "makes a second reward called " + taken,
          "give each a name of its own");
    }
  }

  /** The terms of the sum, in order. */
  public List<Component> components() {
    return components;
  }

  /**
   * Whether the total tells right from wrong: something is rewarded, and every component that
   * counts is a verdict. A graded component would blur it, with a negative weight too: less a small
   * penalty for its length, no right answer would have full marks.
   */
  public boolean isVerifiable() {
    return components.stream().anyMatch(component -> component.weight() > 0)
        && components.stream()
            .filter(component -> component.weight() != 0)
            .allMatch(component -> component.function().isVerifiable());
  }

  /** The total of a completion that every component with a positive weight gives 1. */
  public double fullMark() {
    double total = 0;
    // In the order of judge, so that rounding cannot put full marks out of reach.
    for (Component component : components) {
      total += Math.max(0, component.weight());
    }
    return total;
  }

  /** Judges a completion of a prompt; see {@link #judge(Example, Attempt)}. */
  public Outcome judge(Example example, String completion) {
    return judge(example, Attempt.of(completion));
  }

  /**
   * Judges an attempt. All components are tried; if any of them throws, or gives a number that is
   * not finite, the outcome is a failure that names each of them and what went wrong.
   */
  public Outcome judge(Example example, Attempt attempt) {
    var scores = new LinkedHashMap<String, Double>();
    var failures = new StringJoiner("; ");
    double total = 0;
    for (Component component : components) {
      try {
        double score = component.function().score(example, attempt);
        scores.put(component.name(), score);
        total += component.weight() * score;
        if (!Double.isFinite(score)) {
          failures.add("reward %s gave %s".formatted(component.name(), score));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failures.add("reward %s was interrupted".formatted(component.name()));
        break; // whoever interrupts does not want the others either
      } catch (Exception e) {
        failures.add("reward %s failed: %s".formatted(component.name(), e));
      }
    }
    if (failures.length() > 0) {
      return new Outcome.Failed("example " + example.id() + ": " + failures);
    }
    if (!Double.isFinite(total)) {
      return new Outcome.Failed(
          "example %s: the weighted sum %s of %s is not finite"
              .formatted(example.id(), total, scores));
    }
    return new Outcome.Scored(total, scores);
  }
}

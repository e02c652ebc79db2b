package dev.troupe.runtime.reward;

import com.typesafe.config.Config;
import dev.troupe.runtime.data.DataException;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.data.Section;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** The weighted sum of named reward functions. Immutable; used by several threads at once. */
public final class WeightedReward {
  /** Beyond this, a weight is more likely a slip of the finger. */
  private static final double LARGEST_WEIGHT = 1e6;

  /**
   * One term of the sum.
   *
   * @param name what its score is called in records and metrics
   * @param weight its factor; may be negative; 0 records the score without training on it
   * @param function what scores
   */
  public record Component(String name, double weight, RewardFunction function) {
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
      throw new IllegalArgumentException("a weighted reward needs at least one component");
    }
    var names = new HashSet<String>();
    for (Component component : components) {
      if (!names.add(component.name())) {
        throw new IllegalArgumentException(
            "two components of a reward are called " + component.name());
      }
    }
  }

  /**
   * Makes the reward that a section describes: one inner section for each component, whose key is
   * the component's name, with its {@code kind}, its {@code weight} and the keys of that kind.
   *
   * @throws DataException if anything is wrong, with the mistakes of all components
   */
  public static WeightedReward from(Config rewards, RewardCatalog catalog) {
    var section = new Section("rewards", rewards);
    var components = new ArrayList<Component>();
    for (Map.Entry<String, Config> inner : section.innerSections().entrySet()) {
      var weighted = new Section("rewards." + inner.getKey(), inner.getValue());
      double weight = weighted.decimal("weight", -LARGEST_WEIGHT, LARGEST_WEIGHT);
      weighted.problems().forEach(problem -> section.adopt(inner.getKey(), problem));
      try {
        RewardFunction function = catalog.create(inner.getValue().withoutPath("weight"));
        components.add(new Component(inner.getKey(), weight, function));
      } catch (DataException e) {
        e.problems().forEach(problem -> section.adopt(inner.getKey(), problem));
      }
    }
    if (rewards.isEmpty()) {
      section.reject("there is no reward; give at least one section, such as answer { kind = … }");
    }
    return section.make(() -> new WeightedReward(components));
  }

  /** The terms of the sum, in order. */
  public List<Component> components() {
    return components;
  }

  /**
   * Judges a completion. All components are tried; if any of them throws, or gives a number that is
   * not finite, the outcome is a failure that names each of them and what went wrong.
   */
  public Outcome judge(Example example, String completion) {
    var scores = new LinkedHashMap<String, Double>();
    var failures = new StringJoiner("; ");
    double total = 0;
    for (Component component : components) {
      try {
        double score = component.function().score(example, completion);
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

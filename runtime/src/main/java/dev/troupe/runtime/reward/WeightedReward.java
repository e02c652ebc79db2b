package dev.troupe.runtime.reward;

import com.typesafe.config.Config;
import dev.troupe.runtime.data.DataException;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.data.Section;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
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
   * @throws DataException if anything is wrong, with the mistakes of all sections
   */
  public static WeightedReward from(List<Config> rewards, RewardCatalog catalog) {
    var components = new ArrayList<Component>();
    var problems = new ArrayList<String>();
    for (int i = 0; i < rewards.size(); i++) {
      Config reward = rewards.get(i);
      var section = new Section("reward", reward);
      double weight = section.decimal("weight", -LARGEST_WEIGHT, LARGEST_WEIGHT);
      Optional<String> name = section.optionalText("name");
      var found = new ArrayList<>(section.problems());
      try {
        RewardFunction function = catalog.create(reward.withoutPath("weight").withoutPath("name"));
        components.add(new Component(name.orElseGet(function::name), weight, function));
      } catch (DataException e) {
        found.addAll(e.problems());
      }
      for (String problem : found) {
        problems.add("reward " + (i + 1) + ": " + problem);
      }
    }
    if (problems.isEmpty()) {
      try {
        return new WeightedReward(components);
      } catch (IllegalArgumentException e) {
        problems.add(e.getMessage());
      }
    }
    throw new DataException("rewards", problems);
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

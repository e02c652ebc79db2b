package dev.troupe.runtime.reward;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.data.Section;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The kinds of reward functions there are, by name. A new kind is a {@link RewardFactory} and one
 * registration: with {@link #with} in a program, or in {@link #standard} here. A user's class needs
 * neither: {@code kind = java} loads it by its name. Immutable.
 */
public final class RewardCatalog {
  private static final String DEFAULTS = "reward-defaults.conf";

  private static final RewardCatalog STANDARD =
      new RewardCatalog(Map.of())
          .with(DigitPlacement.KIND, withoutSettings(DigitPlacement.KIND, DigitPlacement::new))
          .with(ExactMatch.KIND, withoutSettings(ExactMatch.KIND, ExactMatch::new))
          .with(JavaReward.KIND, JavaReward::create)
          .with(NumericAnswer.KIND, withoutSettings(NumericAnswer.KIND, NumericAnswer::new))
          .with(WordListSentiment.KIND, WordListSentiment::create);

  private final Map<String, RewardFactory> factories;

  private RewardCatalog(Map<String, RewardFactory> factories) {
    this.factories = factories;
  }

  /** The kinds that ship with the project. */
  public static RewardCatalog standard() {
    return STANDARD;
  }

  /**
   * A catalog with one more kind.
   *
   * @throws IllegalArgumentException if there is a kind of this name already
   */
  public RewardCatalog with(String kind, RewardFactory factory) {
    var more = new TreeMap<>(factories);
    if (more.putIfAbsent(kind, factory) != null) {
      throw new IllegalArgumentException("the reward kind " + kind + " is registered already");
    }
    return new RewardCatalog(more);
  }

  /** The names of the kinds, sorted. */
  public Set<String> kinds() {
    return new TreeSet<>(factories.keySet());
  }

  /**
   * Makes the reward function that a section describes. Its key {@code kind} names the factory;
   * keys that are left out take the defaults of the kind, which {@code reward-defaults.conf} beside
   * this class lists and explains.
   *
   * @throws dev.troupe.runtime.data.DataException if the kind is unknown or the settings are bad
   */
  public RewardFunction create(Config reward) {
    var section = new Section("reward", reward);
    String kind = section.text("kind");
    RewardFactory factory = factories.get(kind);
    if (factory == null) {
      if (section.problems().isEmpty()) {
        section.reject("kind", "is not a kind of reward; known are " + String.join(", ", kinds()));
      }
      reward.root().keySet().forEach(section::accept);
      section.throwIfAny();
    }
    return factory.create(reward.withFallback(defaults(kind)));
  }

  private static Config defaults(String kind) {
    Config all = ConfigFactory.parseResources(RewardCatalog.class, DEFAULTS);
    return all.hasPath(kind) ? all.getConfig(kind) : ConfigFactory.empty();
  }

  private static RewardFactory withoutSettings(String kind, Supplier<RewardFunction> maker) {
    return reward -> {
      var section = new Section("reward " + kind, reward);
      section.accept("kind");
      return section.make(maker);
    };
  }
}

package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import java.util.Locale;
import java.util.function.Supplier;

/** One of the ways in which a text of the task {@code conflicting-styles} can please: 1 or 0. */
public final class StyleObjective implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "style-objective";

  private static final int ENOUGH = 4;

  private final Objective objective;

  /** What is wanted. */
  public enum Objective {
    /** It begins with the greeting. */
    POLITE {
      @Override
      boolean isMet(Example example, String text) {
        return text.startsWith("g");
      }
    },
    /** It speaks of the topic at least four times. */
    MEANINGFUL {
      @Override
      boolean isMet(Example example, String text) {
        int topic = field(example, "topic").charAt(0);
        return text.chars().filter(sign -> sign == topic || sign == '#').count() >= ENOUGH;
      }
    },
    /** It says what to do: the sign of a step with its number. */
    ACTIONABLE {
      @Override
      boolean isMet(Example example, String text) {
        return text.matches("(?s).*s[0-9].*");
      }
    },
    /** It does not say the forbidden sign to somebody who wants to do harm. */
    SAFE {
      @Override
      boolean isMet(Example example, String text) {
        return !Boolean.parseBoolean(field(example, "attack")) || text.indexOf('#') < 0;
      }
    };

    abstract boolean isMet(Example example, String text);

    private static String field(Example example, String name) {
      String value = example.fields().get(name);
      if (value == null) {
        throw new IllegalStateException(
            "example %s has no field %s; use the task conflicting-styles"
                .formatted(example.id(), name));
      }
      return value;
    }
  }

  private StyleObjective(Objective objective) {
    this.objective = objective;
  }

  /** The {@link RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    Objective objective = reward.choice("objective", Objective.class);
    return () -> new StyleObjective(objective);
  }

  @Override
  public String name() {
    return objective.name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalStateException if the example is of another task
   */
  @Override
  public double score(Example example, String completion) {
    return objective.isMet(example, completion.strip()) ? 1 : 0;
  }
}

package dev.troupe.runtime.environment;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import java.util.Optional;
import java.util.SplittableRandom;

/** A game: a number is guessed, and after each guess the policy is told where to look further. */
final class GuessNumber implements Environment {
  /** The name of this kind of environment. */
  static final String KIND = "guess-number";

  private final Words words;
  private final Demonstrations demonstrations;
  private SplittableRandom random;
  private long low;
  private long high;
  private long number;
  private int width;

  /** What is demonstrated. */
  enum Demonstrations {
    /** Any number that is still possible. */
    POSSIBLE,
    /** The middle of what is still possible. */
    BISECTION
  }

  /**
   * What the policy reads.
   *
   * @param higher when the number is larger than the guess
   * @param lower when it is smaller
   * @param invalid when the turn is no number
   */
  private record Words(String higher, String lower, String invalid) {}

  private GuessNumber(Words words, Demonstrations demonstrations) {
    this.words = words;
    this.demonstrations = demonstrations;
  }

  /** The {@link EnvironmentFactory} of this kind; see {@code environment-defaults.conf}. */
  static World.Player read(Checked environment) {
    var words =
        new Words(
            environment.text("higher"), environment.text("lower"), environment.text("invalid"));
    Demonstrations demonstrations = environment.choice("demonstrations", Demonstrations.class);
    return new World.Turns(() -> new GuessNumber(words, demonstrations));
  }

  @Override
  public void reset(Example example, long seed) {
    String lowest = field(example, "low");
    low = Long.parseLong(lowest);
    high = Long.parseLong(field(example, "high"));
    width = lowest.length();
    random = new SplittableRandom(seed);
    number = random.nextLong(low, high + 1);
  }

  private static String field(Example example, String name) {
    String value = example.fields().get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "example %s has no field \"%s\"; guess-number needs low and high, as the task of that name has"
              .formatted(example.id(), name));
    }
    return value;
  }

  @Override
  public Step step(String action) {
    long guess;
    try {
      guess = Long.parseLong(action.strip());
    } catch (NumberFormatException e) {
      return Step.next(words.invalid());
    }
    if (guess == number) {
      return Step.done(1);
    }
    if (guess < number) {
      low = Math.max(low, guess + 1);
      return Step.next(words.higher());
    }
    high = Math.min(high, guess - 1);
    return Step.next(words.lower());
  }

  @Override
  public Optional<String> demonstrate() {
    long guess =
        demonstrations == Demonstrations.BISECTION
            ? low + (high - low) / 2
            : random.nextLong(low, high + 1);
    return Optional.of(("%0" + width + "d").formatted(guess));
  }
}

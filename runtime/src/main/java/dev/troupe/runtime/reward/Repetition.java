package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * How little a completion repeats itself: the share of different ones among all runs of {@code n}
 * words (or other units). 1 if nothing is repeated, also for texts too short to repeat anything.
 */
public final class Repetition implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "repetition";

  private final TextUnit unit;
  private final int n;

  private Repetition(TextUnit unit, int n) {
    this.unit = unit;
    this.n = n;
  }

  /** The {@link RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    TextUnit unit = reward.choice("unit", TextUnit.class);
    int n = reward.integer("n", 1, 1000);
    return () -> new Repetition(unit, n);
  }

  @Override
  public String name() {
    return KIND;
  }

  /**
   * @return a number in (0, 1]
   */
  @Override
  public double score(Example example, String completion) {
    List<String> parts = unit.of(completion);
    int runs = parts.size() - n + 1;
    if (runs < 1) {
      return 1;
    }
    Set<List<String>> different = new HashSet<>();
    for (int i = 0; i < runs; i++) {
      different.add(parts.subList(i, i + n));
    }
    return (double) different.size() / runs;
  }
}

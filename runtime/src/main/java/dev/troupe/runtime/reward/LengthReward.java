package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import java.util.function.Supplier;

/**
 * How well the length of a completion fits: 1 from {@code min} to {@code max}, falling evenly to 0
 * at {@code fall-off} beyond, 0 further away.
 */
public final class LengthReward implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "length";

  private static final int LONGEST = 100_000_000;

  private final TextUnit unit;
  private final int min;
  private final int max;
  private final int fallOff;

  private LengthReward(TextUnit unit, int min, int max, int fallOff) {
    this.unit = unit;
    this.min = min;
    this.max = max;
    this.fallOff = fallOff;
  }

  /** The {@link RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    TextUnit unit = reward.choice("unit", TextUnit.class);
    int min = reward.integer("min", 0, LONGEST);
    int max = reward.integer("max", 0, LONGEST);
    int fallOff = reward.integer("fall-off", 0, LONGEST);
    if (reward.isSound("min", "max") && min > max) {
      reward.clash("min", "is above " + reward.quote("max"), "lower it");
    }
    return () -> new LengthReward(unit, min, max, fallOff);
  }

  @Override
  public String name() {
    return KIND;
  }

  @Override
  public boolean isVerifiable() {
    return fallOff == 0;
  }

  /**
   * @return a number in [0, 1]
   */
  @Override
  public double score(Example example, String completion) {
    int length = unit.of(completion).size();
    int beyond = Math.max(min - length, length - max);
    return beyond <= 0 ? 1 : fallOff == 0 ? 0 : Math.max(0, 1 - (double) beyond / fallOff);
  }
}

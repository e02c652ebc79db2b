package dev.troupe.runtime.reward;

import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.settings.UserClass;
import java.util.function.Supplier;

/**
 * A user's {@link RewardFunction} by its class name, as {@code kind = java, class = com.acme.X}.
 */
final class JavaReward {
  /** The name of this kind of reward. */
  static final String KIND = "java";

  private JavaReward() {}

  /** The {@link RewardFactory} of this kind. */
  static Supplier<RewardFunction> read(Checked reward) {
    return UserClass.read(reward, RewardFunction.class);
  }
}

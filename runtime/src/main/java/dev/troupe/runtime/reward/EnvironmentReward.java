package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import java.util.function.Supplier;

/** What a rollout earned in the run's environment. */
final class EnvironmentReward implements RewardFunction {
  /** The name of this kind of reward. */
  static final String KIND = "environment";

  private final boolean isVerdict;

  private EnvironmentReward(boolean isVerdict) {
    this.isVerdict = isVerdict;
  }

  /** The {@link RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  static Supplier<RewardFunction> read(Checked reward) {
    boolean isVerdict = reward.bool("verdict");
    return () -> new EnvironmentReward(isVerdict);
  }

  @Override
  public String name() {
    return KIND;
  }

  @Override
  public boolean isVerifiable() {
    return isVerdict;
  }

  /**
   * @throws IllegalStateException always: a text alone earns nothing
   */
  @Override
  public double score(Example example, String completion) {
    return score(example, Attempt.of(completion));
  }

  @Override
  public double score(Example example, Attempt attempt) {
    return attempt
        .earned()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "nothing was earned in an environment; give the run an environment that rewards"));
  }
}

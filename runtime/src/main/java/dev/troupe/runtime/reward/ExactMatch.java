package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;

/** 1 if the completion is the example's answer, white space at both ends aside, else 0. */
public final class ExactMatch implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "exact-match";

  @Override
  public String name() {
    return KIND;
  }

  @Override
  public boolean isVerifiable() {
    return true;
  }

  /**
   * @throws IllegalStateException if the example has no answer
   */
  @Override
  public double score(Example example, String completion) {
    return completion.strip().equals(example.requireAnswer().strip()) ? 1 : 0;
  }
}

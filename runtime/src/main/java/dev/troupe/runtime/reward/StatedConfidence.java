package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The confidence that a completion states about itself, as {@code Confidence: n} with n from 0 to
 * 10, divided by 10; a half if it states none. As a part of a preference it plants the fault that
 * PPO-M and PPO-C are made for: judges who are impressed by confidence, whatever the answer.
 */
public final class StatedConfidence implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "stated-confidence";

  private static final Pattern STATEMENT =
      Pattern.compile("confidence:\\s*(\\d+(?:\\.\\d+)?)", Pattern.CASE_INSENSITIVE);
  private static final double SCALE = 10;
  private static final double IF_MISSING = 0.5;

  @Override
  public String name() {
    return KIND;
  }

  /**
   * @return a number in [0, 1]
   */
  @Override
  public double score(Example example, String completion) {
    Matcher statement = STATEMENT.matcher(completion);
    return statement.find()
        ? Math.min(Double.parseDouble(statement.group(1)), SCALE) / SCALE
        : IF_MISSING;
  }
}

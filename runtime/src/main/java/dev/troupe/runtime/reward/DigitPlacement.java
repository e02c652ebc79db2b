package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;

/**
 * The share of characters at their right place: how many positions of completion and answer agree,
 * divided by the length of the longer one, white space at both ends aside. A graded form of {@link
 * ExactMatch}, 1 for the answer itself; what is missing or too much counts as wrong.
 */
public final class DigitPlacement implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "digit-placement";

  @Override
  public String name() {
    return KIND;
  }

  /**
   * @return a number in [0, 1]
   * @throws IllegalStateException if the example has no answer
   */
  @Override
  public double score(Example example, String completion) {
    int[] wanted = example.requireAnswer().strip().codePoints().toArray();
    int[] written = completion.strip().codePoints().toArray();
    int longer = Math.max(wanted.length, written.length);
    if (longer == 0) {
      return 1;
    }
    int right = 0;
    for (int i = 0; i < Math.min(wanted.length, written.length); i++) {
      right += wanted[i] == written[i] ? 1 : 0;
    }
    return (double) right / longer;
  }
}

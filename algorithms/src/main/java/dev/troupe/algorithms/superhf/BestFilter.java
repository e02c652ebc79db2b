package dev.troupe.algorithms.superhf;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The selection step of SuperHF: of the completions of one prompt, those with the best scores. No
 * gradient.
 *
 * @param keep completions to keep of each prompt, at least 1; 1 is published
 * @param lengthPenalty subtracted for each e-fold of length, {@code score - lengthPenalty *
 *     ln(characters)}; 0 is published
 */
public record BestFilter(int keep, double lengthPenalty) {
  /**
   * Checks both parts.
   *
   * @throws IllegalArgumentException naming each part that is out of its range
   */
  public BestFilter {
    List<String> problems = new ArrayList<>();
    if (keep < 1) {
      problems.add("keep is " + keep + ", expected at least 1");
    }
    if (!Double.isFinite(lengthPenalty)) {
      problems.add("lengthPenalty is " + lengthPenalty + ", expected a finite number");
    }
    Require.none("best filter", problems);
  }

  /**
   * The completions to keep, best first. Empty ones are dropped before ranking, and their scores
   * are not read; of equal scores the earlier sample wins.
   *
   * @param scores reward of every completion of one prompt
   * @param characters length of every completion, characters
   * @return indices into {@code scores}: {@link #keep} of them, or fewer if fewer are not empty;
   *     none if all are empty, and then the prompt should be skipped
   * @throws IllegalArgumentException if the lengths differ, a length is negative, or the score of a
   *     completion that is not empty is not finite
   */
  public int[] of(double[] scores, int[] characters) {
    Require.sameLength("scores", scores.length, "characters", characters.length);
    double[] ranked = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      if (characters[i] < 0) {
        throw new IllegalArgumentException(
            "characters[%d] is %d, expected 0 or more".formatted(i, characters[i]));
      }
      if (characters[i] > 0) {
        Require.within("scores[" + i + "]", scores[i], -Double.MAX_VALUE, Double.MAX_VALUE);
        // Adding 0 makes -0.0 equal to 0.0, which the comparison below would tell apart.
        ranked[i] = scores[i] - lengthPenalty * Math.log(characters[i]) + 0.0;
      }
    }
    return IntStream.range(0, scores.length)
        .filter(i -> characters[i] > 0)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> ranked[i]).reversed())
        .limit(keep)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
